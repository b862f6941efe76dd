import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Received } from './lapor/due.ts'
import { isUnsaid, type KeptAct, nextActs, withActs } from './lapor/outbox/act.ts'
import { actAnswered, type Answer } from './lapor/outbox/answer.ts'

const NOW = 1_732_665_600_000
const PLACE = '31.72.01.1001.007'

function row(over: Partial<Received> = {}): Received {
  return {
    id: 'd', operation: 1, number: 1, from: '31', from_name: '', kind: 'perintah', requires: 'jawab', text: '', deadline: '', author: '', issued_at: '', state: 'terkirim',
    is_open: true, overdue_at: null, changed_at: '', withdrawn_at: null, withdrawn_why: null, version: 1, ...over,
  }
}

function said(order: number, act: KeptAct['act'], over: Partial<KeptAct> = {}): KeptAct {
  return { order, account: 1, directive: 'd', place: PLACE, act, body: '{}', standing: 'antre', tries: 0, next_at: null, done_at: null, refusal: null, ...over }
}

const stateOf = (rows: Received[]): [string, boolean] => [rows[0]?.state ?? '', rows[0]?.is_open ?? false]
const no = (status: number, code = 'x'): Answer => ({ kind: 'whole', status, problem: { type: '', title: '', status, code }, asked_s: 0 })

test('a directive stands as this phone has said, before the server says so', () => {
  assert.deepEqual(stateOf(withActs([row()], [], PLACE, NOW)), ['terkirim', true])
  assert.deepEqual(stateOf(withActs([row()], [said(1, 'receipt')], PLACE, NOW)), ['dibaca', true])
  assert.deepEqual(stateOf(withActs([row()], [said(2, 'answer'), said(1, 'receipt')], PLACE, NOW)), ['dijawab', false])
  assert.deepEqual(stateOf(withActs([row({ requires: 'terima' })], [said(1, 'acceptance')], PLACE, NOW)), ['diterima', false])
  assert.deepEqual(stateOf(withActs([row({ requires: 'laksanakan' })], [said(1, 'acceptance')], PLACE, NOW)), ['diterima', true])
})

test('what another place said, what was refused, and what the server has told of since, changes nothing', () => {
  for (const act of [said(1, 'answer', { place: 'else' }), said(1, 'answer', { standing: 'ditolak' }), said(1, 'answer', { standing: 'diterima', done_at: NOW - 1 })]) {
    assert.deepEqual(stateOf(withActs([row()], [act], PLACE, NOW)), ['terkirim', true])
  }
  assert.equal(stateOf(withActs([row()], [said(1, 'answer', { standing: 'diterima', done_at: NOW + 1 })], PLACE, NOW))[0], 'dijawab')
  assert.equal(stateOf(withActs([row({ withdrawn_at: 'x' })], [said(1, 'answer')], PLACE, NOW))[0], 'terkirim')
  assert.equal(stateOf(withActs([row({ state: 'diterima' })], [said(1, 'receipt')], PLACE, NOW))[0], 'diterima')
})

test('an answer to what was said is taken, refused for good, or asked for again', () => {
  const act = said(1, 'answer', { standing: 'terkirim' })

  assert.deepEqual([actAnswered(act, null, NOW, 0.5).standing, actAnswered(act, null, NOW, 0.5).done_at], ['diterima', NOW])
  assert.deepEqual([409, 404, 403, 422].map((status) => actAnswered(act, no(status), NOW, 0.5).standing), ['ditolak', 'ditolak', 'ditolak', 'ditolak'])
  for (const answer of [no(401), no(403, 'enrol-first'), no(429), no(503), { kind: 'none' } as const]) assert.ok(isUnsaid(actAnswered(act, answer, NOW, 0.5)))
})

test('one that the server fails at waits by itself, longer each time; when the server is busy or away all wait', () => {
  const waits = (tries: number, answer: Answer): number | null => actAnswered(said(1, 'answer', { standing: 'terkirim', tries }), answer, NOW, 1).next_at

  assert.deepEqual([1, 2, 3, 40].map((tries) => (waits(tries, no(500)) ?? 0) - NOW), [2_000, 4_000, 8_000, 120_000])
  for (const answer of [no(429), no(401), { kind: 'none' } as const, { ...no(503), asked_s: 3 } as Answer]) assert.equal(waits(1, answer), null)
})

test('what is said to a directive goes in its order, and past nothing else', () => {
  const acts = [said(1, 'receipt'), said(2, 'acceptance'), said(3, 'completion'), said(4, 'answer', { directive: 'e' }), said(5, 'answer', { directive: 'f', standing: 'diterima' })]

  assert.deepEqual(nextActs(acts).map(({ order }) => order), [1, 2, 4])
  assert.deepEqual(nextActs(acts.slice(2)).map(({ order }) => order), [3, 4])
})
