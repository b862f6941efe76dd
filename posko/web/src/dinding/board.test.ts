import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../http.ts'
import { Refusal } from '../http.ts'
import { Board } from './board.svelte.ts'

/** A server whose board answers or refuses, and how often it was asked. */
function server(): { api: Api; isUp: boolean; asked: number } {
  const found = {
    isUp: true,
    asked: 0,
    api: {
      get: () => {
        found.asked += 1
        return found.isUp ? Promise.resolve({ at: '2024-11-27T00:00:00Z', speed: 1, rows: [] }) : Promise.reject(new Refusal(503, 'queue-full'))
      },
    } as unknown as Api,
  }
  return found
}

test('a list that cannot be read says when it was, and is asked for again until it can', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const settled = (): Promise<void> => new Promise((done) => setImmediate(done))
  const there = server()
  const board = new Board(there.api)
  board.ask(1, '31.72')
  t.mock.timers.tick(0)
  await settled()
  assert.equal(board.isFailing, false)
  const readAt = board.readAt
  assert.notEqual(readAt, null)

  there.isUp = false
  board.ask(1, '31.72')
  t.mock.timers.tick(6_000)
  await settled()
  assert.deepEqual([board.isFailing, board.readAt], [true, readAt])

  there.isUp = true
  t.mock.timers.tick(6_000)
  await settled()
  assert.deepEqual([board.isFailing, there.asked], [false, 3])
})

test('another region that cannot be read is not passed off as one without incidents', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const there = server()
  const board = new Board(there.api)
  there.isUp = false
  board.ask(1, '31.71')
  t.mock.timers.tick(0)
  await new Promise((done) => setImmediate(done))
  assert.deepEqual([board.isFailing, board.readAt], [true, null])
  board.stop()
})
