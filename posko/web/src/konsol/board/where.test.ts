import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromTo, radiusFor } from './where.ts'

test('a point lies so far and in this direction from its TPS', () => {
  const tps = { latitude: -6.1211, longitude: 106.7742 }
  const east = fromTo(tps, { latitude: -6.1211, longitude: 106.7832 })
  assert.equal(Math.round(east.metres / 10) * 10, 1000)
  assert.equal(east.compass, 'e')
  assert.equal(fromTo(tps, { latitude: -6.13, longitude: 106.765 }).compass, 'sw')
  assert.equal(fromTo(tps, { latitude: -6.1, longitude: 106.77419 }).compass, 'n')
  assert.equal(fromTo(tps, tps).metres, 0)
})

test('a picture holds the point with some room, at a round scale', () => {
  assert.deepEqual([0, 9, 10, 44, 46, 950].map(radiusFor), [10, 10, 20, 50, 100, 2000])
})
