import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Received } from './lapor/due.ts'
import { actAnswered, isUnsaid, type KeptAct, withActs } from './lapor/outbox/act.ts'
import type { Answer } from './lapor/outbox/answer.ts'

const NOW = 1_732_665_600_000
const PLACE = '31.72.01.1001.007'

function row(over: Partial<Received> = {}): Received {
  return {
    id: 'd', operation: 1, number: 1, from: '31', from_name: '', kind: 'perintah', requires: 'jawab', text: '', deadline: '', author: '', issued_at: '', state: 'terkirim',
    is_open: true, overdue_at: null, changed_at: '', withdrawn_at: null, withdrawn_why: null, version: 1, ...over,
  }
}

function said(order: number, act: KeptAct['act'], over: Partial<KeptAct> = {}): KeptAct {
  return { order, account: 1, directive: 'd', place: PLACE, act, body: '{}', standing: 'antre', tries: 0, done_at: null, refusal: null, ...over }
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

  assert.deepEqual([actAnswered(act, null, NOW).standing, actAnswered(act, null, NOW).done_at], ['diterima', NOW])
  assert.deepEqual([409, 404, 403, 422].map((status) => actAnswered(act, no(status), NOW).standing), ['ditolak', 'ditolak', 'ditolak', 'ditolak'])
  for (const answer of [no(401), no(403, 'enrol-first'), no(429), no(503), { kind: 'none' } as const]) assert.ok(isUnsaid(actAnswered(act, answer, NOW)))
})
