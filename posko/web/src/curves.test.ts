import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CurvePage, extend, firstAt, lineOf, NO_POINTS, rateOf, sumOf, valueAt, windowOf } from './konsol/curves/series.ts'

const at = (minute: number): string => new Date(Date.UTC(2024, 10, 27, 0, minute)).toISOString()
const ms = (minute: number): number => Date.parse(at(minute))

function page(minutes: number[], values: number[], more: Partial<CurvePage> = {}): CurvePage {
  return {
    code: '31.72', kept: true, version: 1, sampled_at: at(minutes.at(-1) ?? 0), now: at(minutes.at(-1) ?? 0), pace_s: 60, counters: ['reports'],
    at: minutes.map(at), versions: minutes, values: [values], gaps: [], next: null, ...more,
  }
}

test('a page that begins with the point that held is put on without doubling it', () => {
  const points = extend(extend(NO_POINTS, page([0, 1, 2], [0, 3, 4])), page([2, 5], [4, 9]))

  assert.deepEqual(points.at, [0, 1, 2, 5].map(ms))
  assert.deepEqual(points.values.get('reports'), [0, 3, 4, 9])
})

test('any way of cutting a curve into pages gives the same curve', () => {
  const minutes = [0, 1, 4, 5, 9, 12]
  const values = [0, 1, 3, 4, 8, 10]
  const whole = extend(NO_POINTS, page(minutes, values))
  for (let size = 2; size <= minutes.length; size += 1) {
    let points = NO_POINTS
    for (let from = 0; from < minutes.length - 1; from += size - 1) points = extend(points, page(minutes.slice(from, from + size), values.slice(from, from + size)))
    assert.deepEqual([points.at, points.values], [whole.at, whole.values], `pages of ${size}`)
  }
})

test('a counter that is new was nothing before, and one that is gone is none', () => {
  const points = extend(extend(NO_POINTS, page([0, 1], [1, 2], { counters: ['a'] })), page([1, 2], [2, 5], { counters: ['a', 'b'], values: [[2, 5], [0, 7]] }))

  assert.deepEqual([points.values.get('a'), points.values.get('b')], [[1, 2, 5], [0, 0, 7]])
  assert.deepEqual([...extend(points, page([2, 3], [7, 8], { counters: ['b'] })).values], [['b', [0, 0, 7, 8]]])
})

test('samples are kept once, not for every line that is drawn of them', () => {
  const points = extend(NO_POINTS, page([0, 1], [1, 2]))
  const values = points.values.get('reports') ?? []

  const line = lineOf(points, values)

  assert.equal(line.x, points.at)
  assert.equal(line.y, values)
  assert.deepEqual(lineOf(points, []), { x: points.at, y: [0, 0] })
})

test('nothing new moves only the end', () => {
  const points = extend(extend(NO_POINTS, page([0, 1], [0, 3])), page([1], [3], { sampled_at: at(8) }))

  assert.deepEqual(points.at, [0, 1].map(ms))
  assert.deepEqual(lineOf(points, points.values.get('reports') ?? []).x, [0, 1, 8].map(ms))
})

test('a drill that began anew drops what came later by its clock', () => {
  const points = extend(extend(NO_POINTS, page([0, 30, 60], [0, 5, 9])), page([20], [9], { sampled_at: at(20) }))

  assert.deepEqual(points.at, [0, 20].map(ms))
  assert.deepEqual(points.values.get('reports'), [0, 9])
})

test('where nobody sampled there is no line', () => {
  const points = extend(NO_POINTS, page([0, 1, 41], [0, 3, 90], { gaps: [{ from_at: at(2), until_at: at(41) }] }))

  const line = lineOf(points, points.values.get('reports') ?? [])

  assert.deepEqual(line, { x: [0, 1, 2, 41].map(ms), y: [0, 3, null, 90] })
})

test('counters add up point by point', () => {
  const points = extend(NO_POINTS, page([0, 1], [1, 2], { counters: ['a', 'b'], values: [[1, 2], [10, 20]] }))

  assert.deepEqual(sumOf(points, ['a', 'b']), [11, 22])
  assert.deepEqual(sumOf(points, ['b']), [10, 20])
  assert.deepEqual(sumOf(points, ['none', 'a']), [1, 2])
})

test('when it was first so many, and what it was in between', () => {
  const points = extend(NO_POINTS, page([0, 5, 9], [0, 3, 7]))
  const values = points.values.get('reports') ?? []

  assert.equal(firstAt(points, values, 3), ms(5))
  assert.equal(firstAt(points, values, 4), ms(9))
  assert.equal(firstAt(points, values, 8), null)
  assert.equal(firstAt(points, values, 0), null)
  assert.deepEqual([-1, 0, 5, 8, 9, 99].map((minute) => valueAt(points, values, ms(minute))), [0, 0, 3, 3, 7, 7])
})

test('what came per minute adds up to what came, however calm it was before', () => {
  const points = extend(NO_POINTS, page([0, 1, 2, 31, 32], [0, 10, 12, 42, 43]))
  const values = points.values.get('reports') ?? []

  const rate = rateOf(points, values, ms(0), ms(33))

  assert.equal(rate.every, 1)
  assert.equal(rate.y[31], 30)
  assert.equal(rate.y[15], 0)
  assert.equal(rate.y.reduce((sum, value) => sum + value * rate.every, 0), 43)
  const long = rateOf(points, values, ms(0), ms(60 * 24))
  assert.ok(long.x.length <= 120)
  assert.equal(Math.round(long.y.reduce((sum, value) => sum + value * long.every, 0)), 43)
})

test('a milestone is looked at around its plan, and for as long as it rises', () => {
  const points = extend(NO_POINTS, page([0, 50, 70, 200], [0, 3, 99, 100]))
  const values = points.values.get('reports') ?? []

  assert.deepEqual(windowOf(points, values, ms(60), 15 * 60_000), { from: ms(20), until: ms(230) })
  assert.deepEqual(windowOf(NO_POINTS, [], ms(60), 15 * 60_000), { from: ms(30), until: ms(105) })
})
