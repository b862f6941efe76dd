import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Incident } from './incident.ts'
import { actionsFor, coverOf, depthOf, desksOver, isAbove, isAtTop, tiersBelow } from './moves.ts'
import { incident } from './sample.ts'

const seat = (role: 'operator' | 'supervisor' | 'auditor' | 'petugas', ...regions: string[]) => ({ role, regions })

test('who may do nothing is offered nothing; the tier that it has climbed to, or one above, may slow it', () => {
  assert.deepEqual(actionsFor(seat('auditor', 'ID'), incident(1)), [])
  assert.deepEqual(actionsFor(seat('petugas', '31.72.01.1001.007'), incident(1)), [])
  assert.deepEqual(actionsFor(seat('operator', '31.73'), incident(1)), [])
  const climbed = incident(1, { tier: 'kecamatan' })
  const below = actionsFor(seat('operator', '31.72.01.1001'), climbed)
  for (const action of ['acknowledgement', 'snooze', 'merge', 'delegation'] as const) assert.ok(!below.includes(action), action)
  for (const action of ['comment', 'escalation', 'directive', 'request'] as const) assert.ok(below.includes(action), action)
  assert.ok(actionsFor(seat('operator', '31.72'), climbed).includes('acknowledgement'))
  assert.deepEqual([isAbove(seat('operator', '31.72.01.1001'), climbed), isAbove(seat('operator', '31.72.01'), climbed)], [true, false])
})

test('what is possible follows the status', () => {
  const of = (more: Partial<Incident>) => actionsFor(seat('supervisor', '31.72'), incident(1, more))

  assert.ok(!of({}).includes('resolution'))
  const accepted = of({ status: 'diterima', acknowledged_at: '2024-11-27T00:02:00Z', escalation: 'accepted' })
  assert.ok(accepted.includes('handling') && accepted.includes('resolution') && !accepted.includes('acknowledgement'))
  assert.ok(of({ status: 'diterima', acknowledged_at: '2024-11-27T00:02:00Z', escalation: 'climbing' }).includes('acknowledgement'))
  assert.deepEqual(of({ status: 'batal' }), ['comment'])
  assert.ok(of({ status: 'selesai' }).includes('closure') && of({ status: 'selesai' }).includes('reopening'))
  assert.ok(!of({ held_until: '2024-11-27T01:00:00Z', next_at: '2024-11-27T01:00:00Z' }).includes('snooze'))
  assert.ok(!actionsFor(seat('operator', '31.72'), incident(1)).includes('revote') && of({}).includes('revote'))
})

test('nothing is raised where every tier above has been told', () => {
  const kota = incident(1, { tier: 'kabkota' })
  const round = [{ tier: 'kelurahan' }, { tier: 'kecamatan' }, { tier: 'kabkota' }] as const

  assert.equal(isAtTop(kota, round), true)
  assert.equal(isAtTop(incident(1, { tier: 'kecamatan' }), round), false)
  assert.deepEqual([isAtTop(kota, []), isAtTop({ ...kota, escalation: 'exhausted' }, [])], [false, true])
})

test('levels, covers and desks follow from codes', () => {
  assert.deepEqual(['ID', '31', '31.72', '31.72.01', '31.72.01.1001', '31.72.01.1001.02', '31.72.01.1001.007'].map(depthOf), [0, 1, 2, 3, 4, 5, 6])
  assert.equal(coverOf({ regions: ['31.72.01.1001', '31.72.01', '31.73'] }, '31.72.01.1001.007'), '31.72.01')
  assert.equal(coverOf({ regions: ['31.73'] }, '31.72.01.1001.007'), null)
  assert.deepEqual(desksOver('31.72', '31.72.01.1001.007'), ['31.72', '31.72.01', '31.72.01.1001'])
  assert.deepEqual(tiersBelow(incident(1, { tier: 'kabkota' })), ['kecamatan', 'kelurahan', 'dusun'])
})
