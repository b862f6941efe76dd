import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuid7 } from './uuid7.ts'

test('ids that are made here are UUIDv7 of their moment', () => {
  const id = uuid7(Date.parse('2024-11-27T00:00:00Z'), new Uint8Array(10).fill(255))

  assert.equal(id, '01936aea-e800-7fff-bfff-ffffffffffff')
  assert.ok(uuid7(1_000) < uuid7(2_000))
  assert.match(uuid7(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
