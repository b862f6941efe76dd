import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Severity } from '../../counters.ts'
import { Apart, APART_MS } from './apart.ts'

test('a grave incident that comes while another sounds is heard right after it, and the lesser ones in between are not', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const heard: [Severity, number][] = []
  const apart = new Apart((severity) => heard.push([severity, now]), () => now)
  const pass = (ms: number): void => {
    now += ms
    t.mock.timers.tick(ms)
  }

  for (const severity of ['rendah', 'sedang', 'kritis', 'tinggi'] as const) apart.play(severity)
  assert.deepEqual(heard, [['rendah', 0]])
  pass(APART_MS - 1)
  assert.equal(heard.length, 1)
  pass(1)
  assert.deepEqual(heard[1], ['kritis', APART_MS])

  apart.play('sedang')
  apart.stop()
  pass(APART_MS)
  assert.equal(heard.length, 2)
  apart.play('sedang')
  assert.deepEqual(heard[2], ['sedang', 2 * APART_MS])
})

test('what was kept is heard with the next that comes, where a sleeping page has let its time pass', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const heard: Severity[] = []
  const apart = new Apart((severity) => heard.push(severity), () => now)

  apart.play('rendah')
  apart.play('kritis')
  now = 60_000
  apart.play('sedang')
  assert.deepEqual(heard, ['rendah', 'kritis'])
  t.mock.timers.tick(60_000)
  assert.deepEqual(heard, ['rendah', 'kritis'])
})
