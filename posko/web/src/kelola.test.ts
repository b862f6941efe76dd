import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripsOf } from './kelola/operations/day.ts'
import { calmed, daysAfter, type SetUp, stepsOf } from './kelola/operations/setUp.ts'
import type { Milestone, Operation } from './records.ts'

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

test('without TPS nothing is activated; an estimate and a past day are looked at', () => {
  const standings = (made: SetUp, milestones: Milestone[], today: string): string[] => stepsOf(made, milestones, today).map(({ standing }) => standing)
  const plan = [milestone('buka', 0, '07:00', 15)]

  assert.deepEqual(standings(setUp(0, false), plan, '2024-11-01'), ['done', 'stop', 'done', 'done'])
  assert.deepEqual(standings(setUp(5, true), [], '2024-11-28'), ['done', 'doubt', 'doubt', 'doubt'])
  assert.deepEqual(standings(setUp(5, false, { mode: 'drill' }), plan, '2024-11-28'), ['done', 'done', 'done', 'done'])
  assert.equal(daysAfter('2024-03-01', -1), '2024-02-29')
})

test('a name out of the register is no shout', () => {
  assert.deepEqual(['KOTA ADMINISTRASI JAKARTA UTARA', 'DKI JAKARTA', 'DI YOGYAKARTA', 'Tanjung Priok'].map(calmed), ['Kota Administrasi Jakarta Utara', 'DKI Jakarta', 'DI Yogyakarta', 'Tanjung Priok'])
})
