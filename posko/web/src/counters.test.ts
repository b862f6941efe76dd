import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counts, hasCounter, isOnePerPlace, ownOf, percent, slotsOf } from './counters.ts'
import { choiceOf } from './operations.ts'
import { contains, levelOf, topsOf, trail, zoneOf } from './places.ts'
import { dueOf } from './plan.ts'
import { parse, toCounter } from './routes.ts'

const NAMES = ['tps', 'covered', 'milestone.open.reached', 'milestone.open.late', 'milestone.open.not_possible', 'milestone.open.unreachable']

test('belum lapor is what is neither reached, nor impossible, nor unreachable', () => {
  const counts = new Counts(slotsOf(NAMES), [12, 9, 7, 2, 1, 1])

  assert.deepEqual(counts.milestone('open'), { reached: 7, late: 2, not_possible: 1, unreachable: 1, unreported: 3 })
  assert.equal(counts.uncovered, 3)
})

test('a short vector ends in zeros and an unknown name is none', () => {
  const counts = new Counts(slotsOf(NAMES), [12])

  assert.equal(counts.milestone('open').unreported, 12)
  assert.equal(counts.of('no.such'), 0)
})

test('a list is behind a counter of the operation, or behind what is left of others', () => {
  const slots = slotsOf(NAMES)
  const those = ['tps', 'uncovered', 'milestone.open.late', 'milestone.open.unreported']

  assert.deepEqual([...those, 'entah', 'milestone.close.unreported', 'milestone.unreported', 'x.milestone.open.unreported'].filter((name) => hasCounter(slots, name)), those)
})

test('every flag counts, also one that these pages have no words for', () => {
  const slots = slotsOf(['tps', 'flag.early', 'flag.falling', 'flag.misdirected', 'flag.of_tomorrow'])

  assert.equal(new Counts(slots, [12, 1, 0, 2, 4]).flags, 7)
  assert.deepEqual(new Counts(slots, [12, 1, 0, 2, 4]).flagKinds, ['early', 'misdirected', 'of_tomorrow'])
  assert.deepEqual(new Counts(slots, [12]).flagKinds, [])
})

test('a sum of TPS is a number of places, a sum of votes or voters is not', () => {
  const places = ['tps', 'covered', 'uncovered', 'unreachable', 'milestone.open.late', 'milestone.open.unreported', 'custody.pps', 'count.gubernur.tps', 'turnout.tps']
  const others = ['reports', 'nihil', 'voters_l', 'turnout.dpt_l', 'count.gubernur.paslon.1', 'count.gubernur.valid', 'ballots.gubernur.used']

  assert.deepEqual([...places, ...others].filter(isOnePerPlace), places)
})

test('operations under way come first, the newest first, then the closed ones', () => {
  const states = ['closed', 'active', 'draft', 'closed', 'active'] as const

  assert.deepEqual(choiceOf(states.map((state, index) => ({ id: index + 1, state }))).map(({ id }) => id), [5, 2, 4, 1])
})

test('what was filed for a region itself is what its children do not add up to', () => {
  assert.deepEqual(ownOf([5, 3, 1], [[2, 1], [3, 1]]), [0, 1, 1])
})

test('a share is never 100 before it is whole', () => {
  assert.equal(percent(2385, 2386), 99.9)
  assert.equal(percent(2386, 2386), 100)
  assert.equal(percent(0, 0), 0)
})

test('an address opens what it was made for', () => {
  assert.deepEqual(parse(toCounter(1, '31.72', 'milestone.open.late')), { page: 'stations', operation: 1, code: '31.72', counter: 'milestone.open.late' })
  assert.deepEqual(parse(toCounter(1, '31.72', 'incident.kritis')), { page: 'incidents', operation: 1, code: '31.72', kind: 'kritis' })
  assert.equal(toCounter(1, '31.72', 'alarm'), '#/1/31.72/alarm')
  assert.equal(toCounter(1, '31.72', 'case.open'), '#/1/31.72/kejadian?tab=terbuka')
  assert.equal(toCounter(1, '31.72', 'case.overdue'), '#/1/31.72/kejadian?tab=terbuka&lewat=ya')
  assert.equal(toCounter(1, '31.72', 'case.open.kritis'), '#/1/31.72/kejadian?tab=terbuka&tingkat=kritis')
  assert.deepEqual(parse(toCounter(1, '31.72', 'flag')), { page: 'flags', operation: 1, code: '31.72', kind: null })
  const unknown = (hash: string): string | undefined => (({ unknown }: { unknown?: string }) => unknown)(parse(hash) as { unknown?: string })
  assert.deepEqual(['x', 'tps', 'x/y%20z', 'petak/x', 'arahan/tulis/x'].map((end) => unknown(`#/1/31.72/${end}`)), ['x', 'tps', 'x/y z', 'x', 'x'])
  assert.deepEqual(['', '/', '/petak', '/petak/', '/kejadian/abc', '/tps/covered', '?urut=code'].map((end) => unknown(`#/1/31.72${end}`)), Array(7).fill(undefined))
  assert.deepEqual(parse('#/1/31.72.01.1001.007'), { page: 'station', operation: 1, code: '31.72.01.1001.007', filters: {} })
  assert.deepEqual(['', '#/', '#/x', '#/x/31', '#/1'].map(parse), [{ page: 'start' }, { page: 'start' }, ...Array(3).fill({ page: 'start', isLost: true })])
  const lost = ['#/3/31.72/tps/<b>', '#/-1/31', '#/1e0/31', '#/2147483648/31', '#/1/31.7', '#/1/id', '#/1/31.72%0A', '#/1/31.72.01.1001.7', '#/1/31.72/laporan-kejadian/berat']
  assert.deepEqual(lost.filter((hash) => !('isLost' in parse(hash))), [])
  assert.deepEqual(['ID', '31.72.01.1001.01', '31.72.01.1001.01.007'].filter((code) => 'isLost' in parse(`#/2147483647/${code}`)), [])
})

test('codes are paths: ancestry, level and zone follow from them', () => {
  assert.equal(contains('31.7', '31.72'), false)
  assert.deepEqual(trail('31.72', '31.72.01.1001'), ['31.72', '31.72.01', '31.72.01.1001'])
  assert.deepEqual(trail('ID', '31'), ['ID', '31'])
  assert.deepEqual(topsOf(['ID'], '31.72'), ['31.72'])
  assert.deepEqual(topsOf(['31.72.02', '31.72.01.1001', '31.72.01', '33'], '31.72'), ['31.72.02', '31.72.01'])
  assert.deepEqual(topsOf(['31.7'], '31.72'), [])
  assert.deepEqual(['ID', '31', '31.72.01.1001', '73.04.01.2001.02', '73.04.01.2001.02.001'].map(levelOf), ['nasional', 'provinsi', 'kelurahan', 'dusun', 'tps'])
  assert.deepEqual(['31.72', '53.71', '81'].map(zoneOf), ['WIB', 'WITA', 'WIT'])
})

test('a milestone is due by the clock of its place', () => {
  const open = { code: 'open', position: 1, day: 0, planned: '07:00:00', grace_minutes: 15, label_id: '', label_en: '' }

  assert.equal(dueOf(open, '2024-11-27', 7, Date.parse('2024-11-26T23:59:00Z')), 'before')
  assert.equal(dueOf(open, '2024-11-27', 7, Date.parse('2024-11-27T00:10:00Z')), 'now')
  assert.equal(dueOf(open, '2024-11-27', 8, Date.parse('2024-11-26T23:16:00Z')), 'past')
})
