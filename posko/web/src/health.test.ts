import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Condition, linesOf, PARTS, seenSince } from './kelola/health/condition.ts'

const WELL: Condition = {
  at: '2024-11-26T23:30:00Z',
  up_s: 60,
  database: { state: 'up', answered_ms: 2, bytes: 1e8, connections_busy: 1, connections: 10 },
  redis: { state: 'up', answered_ms: 1 },
  intake: { waiting: 0, room: 4096, oldest_s: null },
  late_s: 0,
  workers: [{ heard_s: 1, turn_s: 0.5, is_well: true, proven: 4, wrong: 0, channels: ['email'] }],
  hubs: [{ heard_s: 1, sockets: 12, read_s: 0.4 }],
  webhooks: { endpoints: 2, failing: 0, failing_since: null, waiting: 0, waiting_since: null, parked: 0, dead: 0 },
  messages: { waiting: 0, waiting_since: null, failed: 0, failed_at: null },
  photos: { store: 'directory', sending: 0, room: 16 },
  disk: { free_bytes: 5e11, total_bytes: 1e12 },
}
const stateOf = (now: Condition): Record<string, string> => Object.fromEntries(linesOf(now).map(({ part, grade, state }) => [part, `${grade} ${state}`]))

test('a service that is well says so of every part', () => {
  assert.deepEqual(linesOf(WELL).map(({ part }) => part), PARTS)
  assert.ok(linesOf(WELL).every(({ grade }) => grade === 'good'))
})

test('what is not known is said to be unknown, never well', () => {
  const dark = stateOf({ ...WELL, at: null, database: { ...WELL.database, state: 'down', answered_ms: null, bytes: null }, redis: { state: 'down', answered_ms: null }, late_s: null, workers: null, hubs: null, webhooks: null, messages: null, disk: null })
  assert.deepEqual(dark, {
    database: 'bad down', redis: 'wait down', intake: 'good up', late: 'unknown unknown', workers: 'unknown unknown', proof: 'unknown unknown', hubs: 'unknown unknown',
    webhooks: 'unknown unknown', messages: 'unknown unknown', photos: 'good up', disk: 'unknown unknown',
  })
})

test('what is in trouble is told from what wants a look', () => {
  const [worker] = WELL.workers ?? []
  assert.ok(worker)
  const at = (change: Partial<Condition>, part: string): string | undefined => stateOf({ ...WELL, ...change })[part]
  assert.equal(at({ late_s: 31 }, 'late'), 'bad late')
  assert.equal(at({ workers: [{ ...worker, heard_s: 11 }] }, 'workers'), 'bad silent')
  assert.equal(at({ workers: [{ ...worker, heard_s: 300 }, worker] }, 'workers'), 'good up')
  assert.equal(at({ workers: [] }, 'workers'), 'bad none')
  assert.equal(at({ workers: [{ ...worker, turn_s: 40 }] }, 'workers'), 'bad stuck')
  assert.equal(at({ workers: [{ ...worker, turn_s: null }] }, 'workers'), 'bad stuck')
  assert.equal(at({ workers: [{ ...worker, wrong: 1 }] }, 'proof'), 'bad wrong')
  assert.equal(at({ workers: [{ ...worker, channels: [] }] }, 'messages'), 'wait off')
  assert.equal(at({ hubs: [{ heard_s: 1, sockets: 3, read_s: 6 }] }, 'hubs'), 'bad behind')
  assert.equal(at({ intake: { waiting: 3000, room: 4096, oldest_s: 1 } }, 'intake'), 'bad full')
  assert.equal(at({ disk: { free_bytes: 4e10, total_bytes: 1e12 } }, 'disk'), 'bad full')
  assert.equal(at({ webhooks: { endpoints: 1, failing: 0, failing_since: null, waiting: 9, waiting_since: '2024-11-26T23:28:00Z', parked: 0, dead: 0 } }, 'webhooks'), 'wait old')
})

test('since when is kept while a part stays as it is', () => {
  const first = seenSince(new Map(), linesOf(WELL), 1000)
  const later = seenSince(first, linesOf({ ...WELL, late_s: 31 }), 6000)
  assert.deepEqual([later.get('late'), later.get('redis')], [{ state: 'late', at: 6000 }, { state: 'up', at: 1000 }])
})

test('every state has words, and every one that is not well says what to do', () => {
  const id = JSON.parse(readFileSync('src/words/kesehatan/id.json', 'utf8')) as Record<string, string>
  const source = readFileSync('src/kelola/health/condition.ts', 'utf8')
  for (const [, part, grade, state] of source.matchAll(/line\('(\w+)', '(\w+)', '(\w+)'/g)) {
    assert.ok(`health.${part}.${state}` in id, `${part} ${state}`)
    if (grade !== 'good') assert.ok(`health.${part}.${state}.do` in id, `${part} ${state} do`)
  }
})
