import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Acts, GRACE_MS } from './acts.svelte.ts'
import type { Board } from './board.svelte.ts'
import { incident } from './sample.ts'

const acts = (): Acts => new Acts({ words: { say: (key: string) => key, has: () => false } } as unknown as Board)

test('what a key does is sent when its grace ends, once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const sent: number[] = []
  const found = acts()
  found.hold('acknowledgement', incident(1), () => Promise.resolve(sent.push(1)))
  t.mock.timers.tick(GRACE_MS - 1)
  assert.equal(sent.length, 0)
  t.mock.timers.tick(1)
  void found.sendHeld()
  assert.deepEqual([sent, found.held], [[1], null])
})

test('what is taken back is never sent; what follows sends what was held before, and so does leaving', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const sent: number[] = []
  const found = acts()
  found.hold('acknowledgement', incident(1), () => Promise.resolve(sent.push(1)))
  found.takeBack()
  t.mock.timers.tick(GRACE_MS)
  assert.equal(sent.length, 0)
  found.hold('acknowledgement', incident(2), () => Promise.resolve(sent.push(2)))
  found.hold('handling', incident(3), () => Promise.resolve(sent.push(3)))
  assert.deepEqual(sent, [2])
  found.stop()
  assert.deepEqual(sent, [2, 3])
})
