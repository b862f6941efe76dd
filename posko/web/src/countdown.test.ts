import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutesAndSeconds, retryAt, secondsUntil } from './countdown.ts'
import { Refusal } from './http.ts'

const refusal = (status: number, retry_after_s?: number): Refusal =>
  new Refusal(status, 'x', { type: '', title: '', status, code: 'x', ...(retry_after_s === undefined ? {} : { retry_after_s }) })

test('seconds are rounded up and end at zero', () => {
  assert.deepEqual([secondsUntil(10_000, 0), secondsUntil(10_000, 9_001), secondsUntil(10_000, 10_000), secondsUntil(10_000, 99_000)], [10, 1, 0, 0])
})

test('minutes and seconds read like a clock', () => {
  assert.deepEqual([600, 65, 9, 0].map(minutesAndSeconds), ['10:00', '1:05', '0:09', '0:00'])
})

test('only who asks too much, or a server that is busy, says when to come again', () => {
  assert.equal(retryAt(refusal(429, 11.5), 1000), 12_500)
  assert.equal(retryAt(refusal(503, 2), 0), 2000)
  assert.equal(retryAt(refusal(429), 0), 5000)
  assert.equal(retryAt(refusal(401, 9), 0), null)
})
