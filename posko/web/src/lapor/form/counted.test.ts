import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Item } from '../outbox/item.ts'
import { standingCount } from './counted.ts'

const COUNT = { kind: 'count', contest: 'gubernur', votes: {}, valid: 1, invalid: 0 }

function item(id: string, content: object, more: object = {}): Item {
  return { id, standing: 'diterima', report: { observed_at: `2024-11-27T0${id}:00:00Z`, content }, ...more } as unknown as Item
}

test('the count that stands is the last that was neither refused, replaced nor withdrawn', () => {
  const correction = item('3', { kind: 'correction', of: '2', reason: 'salah', replacement: COUNT })

  assert.equal(standingCount([item('1', COUNT), item('2', COUNT), correction], 'gubernur')?.id, '3')
  assert.equal(standingCount([item('1', COUNT), item('4', COUNT, { standing: 'ditolak' }), item('5', COUNT, { elsewhere: { isReplaced: true } })], 'gubernur')?.id, '1')
  assert.equal(standingCount([item('1', COUNT), item('2', { kind: 'correction', of: '1', reason: 'salah' })], 'gubernur'), null)
  assert.equal(standingCount([item('1', COUNT), item('2', { kind: 'nihil' })], 'bupati_walikota'), null)
})
