import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counts, slotsOf } from './counters.ts'
import { assetsOf } from './dinding/fresh.ts'
import { persist } from './dinding/persist.ts'
import { around, further } from './dinding/round.ts'
import { everyOf, parseWall, toWall } from './dinding/route.ts'
import { unitOf } from './dinding/unit.ts'
import { troubleOf, worstFirst } from './dinding/worst.ts'

test('the address of a wall says all that was chosen, and reads back the same', () => {
  const plain = { operation: 1, code: '31.72', every_s: null, order: 'kode', hasVotes: false } as const
  assert.equal(toWall(plain), '#/1/31.72')
  assert.deepEqual(parseWall('#/1/31.72'), plain)
  const all = { operation: 12, code: 'ID', every_s: 45, order: 'terburuk', hasVotes: true } as const
  assert.equal(toWall(all), '#/12/ID?putar=45&arah=terburuk&hitung=1')
  assert.deepEqual(parseWall(toWall(all)), all)
})

test('votes are shown only where the address says so', () => {
  for (const query of ['', '?hitung=0', '?hitung=ya', '?putar=20']) assert.equal(parseWall(`#/1/31.72${query}`)?.hasVotes, false)
})

test('an address that names no region lets somebody choose', () => {
  for (const hash of ['', '#/', '#/1', '#/x/31.72', '#/0/31.72', '#/1/../', '#/1/jakarta']) assert.equal(parseWall(hash), null, hash)
})

test('a round is neither too fast to read nor too slow to be one', () => {
  assert.deepEqual([null, '', 'x', '0', '-3', '1', '20.4', '99999'].map(everyOf), [null, null, null, null, null, 5, 20, 3600])
})

test('a round comes back to where it began, both ways', () => {
  const ring = ['a', 'b', 'c']
  assert.deepEqual([further(ring, 'c', 1), further(ring, 'a', -1), further(ring, 'gone', 1), further([], 'a', 1)], ['a', 'c', 'a', undefined])
})

test('where not all milestones fit, those around the present are shown', () => {
  const items = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  assert.deepEqual(around(items, -1, 4), [0, 1, 2, 3])
  assert.deepEqual(around(items, 5, 5), [3, 4, 5, 6, 7])
  assert.deepEqual(around(items, 9, 4), [6, 7, 8, 9])
  assert.deepEqual(around(items, 3, 20), items)
})

test('the worst region comes first, column by column', () => {
  const slots = slotsOf(['tps', 'case.baru.kritis', 'case.diterima.tinggi', 'alarm.belum_lapor', 'milestone.buka.reached'])
  const at = (code: string, ...vector: number[]) => troubleOf(code, new Counts(slots, vector), ['buka'])
  const missing = at('5', 10, 0, 0, 0, 4)
  assert.deepEqual([missing.behind, missing.share], [6, 0.6])
  const ranked = [missing, at('1', 10, 0, 0, 0, 10), at('2', 10, 0, 0, 3, 10), at('4', 10, 1, 0, 0, 10), at('3', 10, 0, 1, 0, 10), at('0', 20, 0, 0, 0, 14)]
  assert.deepEqual(ranked.sort(worstFirst).map(({ code }) => code), ['4', '3', '2', '5', '0', '1'])
})

test('a document is another version when its scripts or styles are named otherwise, in whatever order', () => {
  const built = '<script type="module" crossorigin src="/assets/dinding-a1.js"></script><link rel="stylesheet" href="/assets/base-b2.css"><link rel="icon" href="/icon.svg">'
  assert.equal(assetsOf(built), '/assets/base-b2.css /assets/dinding-a1.js')
  assert.equal(assetsOf(built.replace(/(<script.*?script>)(.*)/, '$2$1')), assetsOf(built))
  assert.notEqual(assetsOf(built.replace('b2', 'b3')), assetsOf(built))
  assert.equal(assetsOf('<h1>502 Bad Gateway</h1>'), '')
})

test('what is read from afar is a share of the screen', () => {
  assert.equal(unitOf(3840, 2160), 2 * unitOf(1920, 1080))
  assert.ok(unitOf(360, 780) * 1.3 > 12)
})

test('a wall that starts badly tries again until it is stopped, not at once with all others, and when the network is back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const network = new EventTarget()
  let [tried, random] = [0, 0]
  const again = async (): Promise<void> => void (tried += 1)
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  const stop = persist(again, network, () => random)

  t.mock.timers.tick(9_999)
  assert.equal(tried, 0)
  random = 0.99
  t.mock.timers.tick(1)
  assert.equal(tried, 1)
  await settled()
  t.mock.timers.tick(19_800)
  assert.equal(tried, 1)
  t.mock.timers.tick(100)
  assert.equal(tried, 2)
  await settled()

  network.dispatchEvent(new Event('online'))
  assert.equal(tried, 3)
  network.dispatchEvent(new Event('online'))
  assert.equal(tried, 3)
  await settled()

  stop()
  network.dispatchEvent(new Event('online'))
  t.mock.timers.tick(60_000)
  assert.equal(tried, 3)
})
