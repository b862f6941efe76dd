import assert from 'node:assert/strict'
import { test } from 'node:test'
import { incident } from '../board/sample.ts'
import { Ledger } from '../ledger.ts'
import { spokenAfter } from '../spoken.ts'
import { isOurs, isTaken, isUrgent, type Item, withNews } from './heard.ts'

const alarm = (kind: 'kota_diam' | 'belum_lapor', tier: string, place = '31.72.01') => ({ kind, tier, place, escalation: 'climbing' })

test('what is critical interrupts, by its own grade or by what a report says since; nothing milder', () => {
  assert.ok(isUrgent(incident(1, { severity: 'kritis' })))
  assert.ok(isUrgent(incident(1, { severity: 'sedang', alleged: 'kritis' })))
  assert.ok(!isUrgent(incident(1, { severity: 'tinggi' })))
})

test('a silent kota is heard at every desk over it, another alarm at the desks that it has climbed to', () => {
  assert.ok(isOurs(alarm('kota_diam', 'kabkota', '31.72'), ['ID']))
  assert.ok(!isOurs(alarm('belum_lapor', 'kelurahan'), ['31.72']))
  assert.ok(isOurs(alarm('belum_lapor', 'kabkota'), ['31.72']))
  assert.ok(isOurs(alarm('belum_lapor', 'kelurahan', '31.72.01.1001'), ['31.72.01.1001']))
  assert.ok(!isOurs(alarm('kota_diam', 'kabkota', '31.71'), ['31.72']), 'of another kota')
  assert.ok(!isOurs({ ...alarm('kota_diam', 'kabkota', '31.72'), escalation: 'accepted' }, ['ID']), 'in hand')
})

test('what somebody has in hand goes, unless it has become graver since', () => {
  assert.ok(isTaken(incident(1, { status: 'diterima' })))
  assert.ok(!isTaken(incident(1, { status: 'diterima', alleged: 'kritis' })))
  assert.ok(!isTaken(incident(1, { status: 'dibuka_kembali' })))
})

test('what is told again stands once, on top', () => {
  const item = (number: number): Item => ({ kind: 'incident', id: `id-${number}`, incident: incident(number), isWorse: false })
  assert.deepEqual(withNews([item(1), item(2)], [item(2)]).map(({ id }) => id), ['id-2', 'id-1'])
})

test('a critical incident that nobody has in hand is not buried by alarms that came after it', () => {
  const critical: Item = { kind: 'incident', id: 'i', incident: incident(1), isWorse: false }
  const said = (id: string, kind: 'kota_diam' | 'belum_lapor'): Item => ({ kind: 'alarm', id, alarm: { ...alarm(kind, 'kelurahan'), id } as unknown as Extract<Item, { kind: 'alarm' }>['alarm'] })

  const shown = withNews(withNews([critical], [said('a', 'belum_lapor'), said('b', 'belum_lapor')]), [said('k', 'kota_diam'), said('c', 'belum_lapor')])

  assert.deepEqual(shown.map(({ id }) => id), ['k', 'i', 'c', 'a', 'b'])
})

test('a version that was told is not told again, a newer one is; what was told is not kept for ever', () => {
  const ledger = new Ledger()
  ledger.note('a', 5)
  assert.ok(ledger.has('a', 5) && ledger.has('a', 4))
  assert.ok(!ledger.has('a', 6) && !ledger.has('b', 1))
  for (let n = 0; n < 200; n++) ledger.note(`other-${n}`, n)
  assert.ok(!ledger.has('a', 5))
})

test('the same words twice in a row are another text, so that they are spoken twice', () => {
  const first = spokenAfter('', 'satu')
  const second = spokenAfter(first, 'satu')
  assert.notEqual(first, second)
  assert.equal(second.trim(), 'satu')
  assert.notEqual(spokenAfter(second, 'satu'), second)
  assert.equal(spokenAfter('satu', ''), '')
})
