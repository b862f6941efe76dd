import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Incident } from './incident.ts'
import { append, compare, newsOf, NOTHING, settle, take, trimmed } from './merging.ts'
import { incident } from './sample.ts'

const idle = { order: 'baru', matches: () => true, end: null, isBusy: false } as const
const numbers = (rows: readonly Incident[]): number[] => rows.map((row) => row.number)

test('what arrives goes where it belongs: the last opened first, or the gravest before that', () => {
  const list = append(NOTHING, [incident(5), incident(3, { severity: 'kritis' })])

  assert.deepEqual(numbers(take(list, [incident(7), incident(6, { severity: 'tinggi' })], idle).rows), [7, 6, 5, 3])
  const gravest = { ...idle, order: 'berat' } as const
  assert.deepEqual(numbers(take(list, [incident(7), incident(6, { severity: 'tinggi' })], gravest).rows), [3, 6, 7, 5])
})

test('nothing moves while somebody is at work: rows change where they are, others wait and are let in', () => {
  const busy = { ...idle, matches: (row: Incident) => row.status === 'baru', isBusy: true }
  const list = append(NOTHING, [incident(5), incident(4)])

  const now = take(list, [incident(6), incident(5, { version: 9, status: 'diterima' })], busy)

  assert.deepEqual(numbers(now.rows), [5, 4])
  assert.equal(now.rows[0]?.status, 'diterima')
  assert.deepEqual([...now.gone], ['id-5'])
  assert.deepEqual(numbers(now.waiting), [6])
  const after = settle(now, 'baru')
  assert.deepEqual(numbers(after.rows), [6, 4])
  assert.deepEqual([after.waiting.length, after.gone.size], [0, 0])
})

test('what waits and has meanwhile been taken in hand by others never comes in', () => {
  const busy = { ...idle, matches: (row: Incident) => row.status === 'baru', isBusy: true }
  const waiting = take(append(NOTHING, [incident(4)]), [incident(6)], busy)

  assert.deepEqual(numbers(take(waiting, [incident(6, { version: 8, status: 'diterima' })], busy).waiting), [])
})

test('an older word never replaces a newer one, in whatever order they come', () => {
  const list = append(NOTHING, [incident(5, { version: 20, status: 'ditangani' })])

  assert.equal(take(list, [incident(5, { version: 12, status: 'diterima' })], idle).rows[0]?.status, 'ditangani')
  const twice = take(list, [incident(5, { version: 30, status: 'selesai' }), incident(5, { version: 25, status: 'diterima' })], idle)
  assert.equal(twice.rows[0]?.status, 'selesai')
})

test('what stands below the end of what was read comes with its page, once', () => {
  const list = append(NOTHING, [incident(50), incident(40)])
  const reading = { ...idle, end: { severity: 'sedang', number: 40 } } as const

  const now = take(list, [incident(12, { version: 99 }), incident(45)], reading)
  assert.deepEqual(numbers(now.rows), [50, 45, 40])
  assert.deepEqual(numbers(append(now, [incident(40), incident(12)]).rows), [50, 45, 40, 12])
})

test('changes of different incidents may come in any order', () => {
  const changes = [incident(1), incident(2, { severity: 'kritis' }), incident(3), incident(2, { version: 50, severity: 'rendah' }), incident(1, { version: 60, status: 'batal' })]
  const arranging = { ...idle, order: 'berat', matches: (row: Incident) => row.status !== 'batal' } as const
  const ends = [[0, 1, 2, 3, 4], [2, 1, 3, 0, 4], [0, 4, 1, 3, 2]].map((order) =>
    order.reduce((list, index) => take(list, changes.slice(index, index + 1), arranging), NOTHING),
  )

  for (const list of ends) assert.deepEqual(numbers(list.rows), [3, 2])
})

test('a list does not grow for ever by what arrives', () => {
  const rows = Array.from({ length: 30 }, (_, index) => incident(30 - index))

  assert.deepEqual(numbers(trimmed(rows, 3)), [30, 29, 28])
  assert.equal(trimmed(rows, 30), rows)
})

test('what is new or has become worse is told, once; what is only changed is not', () => {
  const known = incident(5)

  assert.equal(newsOf(undefined, incident(9), 8), 'new')
  assert.equal(newsOf(undefined, incident(7), 8), null)
  assert.equal(newsOf(known, incident(5, { version: 6, status: 'diterima' }), 8), null)
  assert.equal(newsOf(known, incident(5, { version: 6, severity: 'kritis' }), 8), 'worse')
  assert.equal(newsOf(known, incident(5, { version: 6, alleged: 'tinggi' }), 8), 'worse')
  assert.equal(newsOf(known, incident(5, { version: 6, severity: 'rendah' }), 8), null)
  assert.equal(newsOf(incident(5, { status: 'selesai' }), incident(5, { status: 'dibuka_kembali' }), 8), 'worse')
  assert.equal(newsOf(known, incident(5, { status: 'batal', severity: 'kritis' }), 8), null)
})

test('rows stand by severity, then by number', () => {
  assert.ok(compare('berat', incident(1, { severity: 'kritis' }), incident(9, { severity: 'tinggi' })) < 0)
  assert.ok(compare('baru', incident(1, { severity: 'kritis' }), incident(9, { severity: 'tinggi' })) > 0)
})
