import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Pages, readOn } from './whole.ts'

const never = (): boolean => false
const rest = (): Promise<void> => Promise.resolve()

/** A list of `total` rows in pages of ten. */
function pages(total: number, refuses = Infinity): { list: () => Pages; asked: () => number } {
  let [rows, asked, isRefused] = [Math.min(10, total), 0, false]
  const more = async (): Promise<void> => {
    asked += 1
    isRefused = asked >= refuses
    if (!isRefused) rows = Math.min(total, rows + 10)
  }
  return { list: () => ({ rows, hasMore: rows < total, isRefused, more }), asked: () => asked }
}

test('a list is read to its end before it is printed', async () => {
  const { list, asked } = pages(34)

  assert.equal(await readOn(list, 100, never, rest), 'whole')
  assert.deepEqual([list().rows, asked()], [34, 3])
})

test('a list that is too long is read up to the limit, and no further', async () => {
  const { list, asked } = pages(1_000)

  assert.equal(await readOn(list, 50, never, rest), 'cut')
  assert.deepEqual([list().rows, asked()], [50, 4])
})

test('reading stops when somebody stops it, and where a page is refused', async () => {
  const stopped = pages(1_000)
  assert.equal(await readOn(stopped.list, 500, () => stopped.list().rows >= 30, rest), 'stopped')
  assert.equal(stopped.list().rows, 30)

  const refused = pages(1_000, 2)
  assert.equal(await readOn(refused.list, 500, never, rest), 'stuck')
  assert.deepEqual([refused.list().rows, refused.asked()], [20, 2])
})

test('a list that is being read by somebody else is waited for, but not for ever', async () => {
  let [rows, rests] = [10, 0]
  const list = (): Pages => ({ rows, hasMore: rows < 20, isRefused: false, more: async () => undefined })

  assert.equal(await readOn(list, 100, never, async () => ((rests += 1) === 3 ? (rows = 20) : 0)), 'whole')
  rows = 10
  assert.equal(await readOn(list, 100, never, rest), 'stuck')
})
