import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ballotOf, emptyBallot, faultOf, saidOf } from './kelola/operations/ballot.ts'
import { stripsOf } from './kelola/operations/day.ts'
import { calmed, daysAfter, type SetUp, stepsOf } from './kelola/operations/setUp.ts'
import { parse } from './kelola/routes.ts'
import type { Contest, Milestone, Operation } from './records.ts'

const milestone = (code: string, day: number, planned: string, grace_minutes: number): Milestone => ({ code, position: 1, day, planned, grace_minutes, label_id: code, label_en: code })
const setUp = (tps: number, tps_estimated: boolean, more: Partial<Operation> = {}): SetUp => ({
  operation: { id: 1, name: 'x', mode: 'live', state: 'draft', layout: 1, root_code: '31.72', starts_on: '2024-11-20', voting_day: '2024-11-27', tps_estimated, ...more },
  root_name: 'x',
  regions: 3,
  tps,
  voters_l: 0,
  voters_p: 0,
})

test('each day is a strip from its first hour to its last, and a grace ends with the day', () => {
  const [before, day] = stripsOf([milestone('buka', 0, '07:00:00', 60), milestone('logistik', -1, '23:00', 120), milestone('hadir', 0, '06:00', 0)])

  assert.deepEqual([before?.day, before?.bars], [-1, [{ code: 'logistik', planned: '23:00', from: 0.5, length: 0.5, isCut: true }]])
  assert.deepEqual(day?.bars.map(({ code, from, length }) => [code, from, length]), [['hadir', 0, 0], ['buka', 0.5, 0.5]])
  assert.deepEqual(day?.ticks, [{ hour: 6, at: 0 }, { hour: 7, at: 0.5 }, { hour: 8, at: 1 }])
})

test('a long day keeps few hours on its axis', () => {
  const [day] = stripsOf([milestone('a', 0, '00:30', 0), milestone('b', 0, '23:30', 0)])

  assert.ok(day && day.ticks.length <= 7)
  assert.ok(day.bars.every(({ from, length }) => from >= 0 && from + length <= 1))
})

test('without TPS nothing is activated; an estimate, a past day and candidates of another election are looked at', () => {
  const standings = (made: SetUp, milestones: Milestone[], today: string, contests_published = true): string[] =>
    stepsOf(made, milestones, { contests, contests_published }, today).map(({ standing }) => standing)
  const plan = [milestone('buka', 0, '07:00', 15)]
  const contests: Contest[] = [{ id: 1, kind: 'gubernur', region_code: '31', paslon: [] }]

  assert.deepEqual(standings(setUp(0, false), plan, '2024-11-01'), ['done', 'stop', 'done', 'done', 'done'])
  assert.deepEqual(standings(setUp(5, true), [], '2024-11-28'), ['done', 'doubt', 'done', 'doubt', 'doubt'])
  assert.deepEqual(standings(setUp(5, false, { mode: 'drill' }), plan, '2024-11-28'), ['done', 'done', 'done', 'done', 'done'])
  const later = setUp(5, false, { voting_day: '2027-06-23' })
  assert.equal(standings(later, plan, '2024-11-28')[2], 'doubt')
  assert.equal(standings(later, plan, '2024-11-28', false)[2], 'done')
  assert.equal(daysAfter('2024-03-01', -1), '2024-02-29')
})

test('a name out of the register is no shout', () => {
  assert.deepEqual(['KOTA ADMINISTRASI JAKARTA UTARA', 'DKI JAKARTA', 'DI YOGYAKARTA', 'Tanjung Priok'].map(calmed), ['Kota Administrasi Jakarta Utara', 'DKI Jakarta', 'DI Yogyakarta', 'Tanjung Priok'])
})

test('a contest is sent as it stands on the ballot, and what the server would refuse is known before', () => {
  const kota = ballotOf({ kind: 'bupati_walikota', region_code: '31.72', paslon: [{ number: 1, name: 'Ani - Budi' }, { number: 2, name: 'KOTAK KOSONG' }] })
  const broken = (change: (ballot: typeof kota) => void): string | null => {
    const ballot = structuredClone(kota)
    change(ballot)
    return faultOf(ballot, [ballot])
  }

  assert.deepEqual(saidOf([kota]).contests[0]?.paslon, [
    { number: 1, name: 'Ani - Budi', is_empty_box: false },
    { number: 2, name: 'KOTAK KOSONG', is_empty_box: true },
  ])
  assert.equal(emptyBallot('gubernur', '31.72').region_code, '31')
  assert.equal(emptyBallot('bupati_walikota', '31').region_code, '')
  assert.equal(faultOf(kota, [kota]), null)
  assert.equal(faultOf(kota, [kota, { ...kota, id: 0 }]), 'contest-twice')
  assert.equal(broken((ballot) => (ballot.region_code = '31')), 'region-of-kind')
  assert.equal(broken((ballot) => (ballot.choices = [])), 'paslon-none')
  assert.equal(broken((ballot) => ballot.choices.forEach((choice) => (choice.number = 1))), 'number-twice')
  assert.equal(broken((ballot) => ballot.choices.forEach((choice) => (choice.number = 21))), 'number-range')
  assert.equal(broken((ballot) => ballot.choices.forEach((choice) => (choice.name = 'kotak kosong'))), 'empty-box-twice')
  assert.equal(broken((ballot) => ballot.choices.forEach((choice) => (choice.name = ' '))), 'name-missing')
})

test('an address that is none says so, and shows the first section', () => {
  assert.deepEqual(parse('#/webhook/3'), { section: 'webhook', rest: ['3'] })
  assert.deepEqual(parse(''), { section: 'operasi', rest: [] })
  assert.deepEqual(parse('#/'), { section: 'operasi', rest: [] })
  assert.deepEqual(parse('#/entah/3'), { section: 'operasi', rest: [], isLost: true })
})
