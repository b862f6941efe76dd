import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cells, type CellsFrame, type ChangesFrame, SAID } from './konsol/grid/cells.ts'
import { Coloured, colouringOf, OTHERS } from './konsol/grid/colours.ts'
import { blockOf, blocksWithin, cellAt, layOut, moved, numbered, type Room } from './konsol/grid/layout.ts'

const ROOM: Room = { width: 1000, height: 600, ratio: 1, rem: 16, least: 6 }
const NOW = Date.parse('2024-11-27T03:00:00Z')
const LATER = NOW + 45 * 60_000

/** Three TPS in one kelurahan, two in another of the next kecamatan; two milestones. */
function frame(over: Partial<CellsFrame> = {}): CellsFrame {
  return {
    code: '31.72', version: 10, layout: 3, at: '2024-11-27T03:00:00Z', milestones: ['voting_open', 'voting_closed'], width: 6, count: 5, epoch: '2024-11-27T00:00:00Z',
    names: { '31.72': 'Kota', '31.72.01': 'A', '31.72.01.1001': 'A1', '31.72.02': 'B', '31.72.02.1001': 'B1' },
    tps: { '31.72.01.1001': '1-2,4', '31.72.02.1001': '1-2' }, grades: '04120', indicators: '000103ff00',
    cells: ['100001', '254z15', '000000', '503217', '630100'].join(''), last: [10_000, 100, null, 9_500, 0], ...over,
  }
}

/** A region of many kelurahan, as the server would send it. */
function large(code: string, kelurahan: number, each: number): CellsFrame {
  const codes = Array.from({ length: kelurahan }, (_, k) => `31.72.${String(1 + Math.floor(k / 10)).padStart(2, '0')}.${1001 + (k % 10)}`)
  const count = kelurahan * each
  return frame({ code, count, tps: Object.fromEntries(codes.map((known) => [known, `1-${each}`])), cells: '100001'.repeat(count), grades: '0'.repeat(count), indicators: '00'.repeat(count), last: Array<number>(count).fill(0) })
}

test('a frame is decoded into what each TPS is and says', () => {
  const cells = new Cells(frame())

  assert.deepEqual([...Array(5).keys()].map((i) => cells.codeOf(i)), ['31.72.01.1001.001', '31.72.01.1001.002', '31.72.01.1001.004', '31.72.02.1001.001', '31.72.02.1001.002'])
  assert.deepEqual([cells.said(0, 0), cells.said(1, 0), cells.said(1, 1), cells.said(3, 0), cells.said(4, 0)], [SAID.reached, SAID.late, SAID.overdue, SAID.overdue, SAID.excused])
  assert.deepEqual([cells.worst(1), cells.open(1), cells.flags(1)], [4, 35, 1])
  assert.deepEqual([cells.isCovered(0), cells.isUnreachable(0), cells.isSealBroken(0)], [true, false, false])
  assert.deepEqual([cells.isCovered(3), cells.isUnreachable(3), cells.isSealBroken(3)], [true, true, true])
  assert.deepEqual([cells.isOverdue(0), cells.isOverdue(1)], [false, true])
  assert.deepEqual([cells.lastAt(0), cells.lastAt(2), cells.lastAt(4)], [Date.parse('2024-11-27T02:46:40Z'), null, Date.parse('2024-11-27T00:00:00Z')])
  assert.deepEqual([...cells.indicators], [0, 1, 3, 255, 0])
  assert.deepEqual([cells.indexOf('31.72.01.1001.004'), cells.indexOf('31.72.01.1001.003'), cells.indexOf('31.72.02.1001.002'), cells.indexOf('31.73.01.1001.001')], [2, -1, 4, -1])
})

test('changes are applied whole, dropped when old, and not taken when they do not carry on', () => {
  const cells = new Cells(frame())
  const changes: ChangesFrame = { from: 10, to: 12, layout: 3, at: '2024-11-27T03:00:05Z', count: 5, index: [2, 4], cells: '100001200001', last: [10_801, 10_802] }

  assert.deepEqual(cells.apply(changes), [2, 4])
  assert.deepEqual([cells.version, cells.said(2, 0), cells.said(4, 0), cells.isCovered(2), cells.lastAt(2)], [12, SAID.reached, SAID.late, true, Date.parse('2024-11-27T03:00:01Z')])
  assert.deepEqual(cells.apply(changes), [], 'the same again changes nothing')
  assert.equal(cells.apply({ ...changes, from: 13, to: 14 }), null, 'a gap')
  assert.equal(cells.apply({ ...changes, from: 12, to: 14, layout: 4 }), null, 'another layout')
  assert.equal(cells.apply({ ...changes, from: 12, to: 14, count: 6 }), null, 'another TPS')
  assert.equal(cells.version, 12)
})

test('changes one after another lead to the same cells as a fresh frame', () => {
  const [kept, letters] = [new Cells(frame()), frame().cells.split('')]
  let random = 7
  const next = (below: number): number => (random = (random * 1103515245 + 12345) % 2 ** 31) % below
  for (let version = 11; version < 60; version += 1) {
    const index = [...new Set([next(5), next(5)])].sort()
    const said = index.map(() => [next(7), next(7), next(5), next(10), next(10), next(8)].join(''))
    index.forEach((i, at) => letters.splice(i * 6, 6, ...(said[at] ?? '')))
    kept.apply({ from: version - 1, to: version, layout: 3, at: '', count: 5, index, cells: said.join(''), last: index.map(() => version) })
    const fresh = new Cells(frame({ cells: letters.join('') }))
    for (let i = 0; i < 5; i += 1) {
      assert.deepEqual([0, 1].map((m) => kept.said(i, m)), [0, 1].map((m) => fresh.said(i, m)))
      assert.deepEqual([kept.worst(i), kept.open(i), kept.flags(i), kept.isCovered(i)], [fresh.worst(i), fresh.open(i), fresh.flags(i), fresh.isCovered(i)])
    }
  }
})

test('every way to colour puts every TPS in one class, and moves it when it changes', () => {
  const cells = new Cells(frame())
  const keyOf = (by: string, i: number): string | undefined => {
    const colouring = colouringOf(by, cells.milestones, 'voting_open')
    return colouring.classes[colouring.classOf(cells, i, NOW)]?.key
  }

  assert.deepEqual([0, 1, 2, 3, 4].map((i) => keyOf('voting_open', i)), ['reached', 'late', 'unreported', 'overdue', 'excused'])
  assert.deepEqual([0, 1, 2, 3, 4].map((i) => keyOf('diam', i)), ['fresh', 'overdue', 'never', 'unreachable', 'never'])
  assert.deepEqual([0, 1, 2, 3, 4].map((i) => keyOf('kejadian', i)), ['none', 'kritis', 'none', 'tinggi', 'none'])
  assert.deepEqual([0, 1, 3].map((i) => keyOf('tanda', i)), ['none', '1', '1'])
  assert.deepEqual([0, 1, 2, 3].map((i) => keyOf('polri', i)), ['none', 'khusus', 'kurang_rawan', 'rawan'])
  assert.deepEqual([0, 1, 2, 3].map((i) => keyOf('bawaslu', i)), ['none', '1', '2', '3'])
  assert.equal(colouringOf('unknown', cells.milestones, 'voting_closed').key, 'voting_closed')
  for (const by of [...OTHERS, ...cells.milestones]) {
    const coloured = new Coloured(cells, colouringOf(by, cells.milestones, ''), NOW)
    assert.equal(coloured.counts.reduce((sum, n) => sum + n, 0), cells.count, by)
  }
})

test('counts follow the cells, and time where a way to colour ages', () => {
  const cells = new Cells(frame())
  const opening = new Coloured(cells, colouringOf('voting_open', cells.milestones, ''), NOW)
  const silence = new Coloured(cells, colouringOf('diam', cells.milestones, ''), NOW)

  cells.apply({ from: 10, to: 11, layout: 3, at: '', count: 5, index: [2, 3], cells: '100001503217', last: [10_800, 9_500] })

  assert.deepEqual(opening.look(NOW, [2, 3]), [2], 'what has the same colour is not drawn again')
  assert.deepEqual(opening.counts, new Coloured(cells, opening.colouring, NOW).counts)
  assert.deepEqual(silence.look(NOW, [2, 3]), [2])
  assert.deepEqual(silence.look(LATER), [0, 2])
  assert.deepEqual(silence.counts, new Coloured(cells, silence.colouring, LATER).counts)
})

test('silence is as old as the clock of the operation says, wherever that is set', () => {
  const cells = new Cells(frame())
  const silence = new Coloured(cells, colouringOf('diam', cells.milestones, ''), NOW)
  const keyAt = (now: number): string | undefined => {
    silence.look(now)
    return silence.colouring.classes[silence.classes[0] ?? 0]?.key
  }

  assert.deepEqual([NOW, NOW + 30 * 60_000, NOW + 60 * 60_000, NOW - 24 * 60 * 60_000].map(keyAt), ['fresh', 'older', 'old', 'fresh'])
})

test('no two classes of a way to colour look alike, even without colour', () => {
  for (const by of [...OTHERS, 'voting_open']) {
    const { classes } = colouringOf(by, ['voting_open'], '')
    const shapes = classes.map(({ paint }) => `${paint.path ?? 'plain'}|${paint.path ? '' : paint.ground}`)
    assert.equal(new Set(shapes).size, classes.length, by)
  }
})

test('every cell has a place of its own within the width, under the name of its region, and is found there again', () => {
  for (const [kelurahan, each, room] of [[31, 77, ROOM], [300, 83, { ...ROOM, width: 1900, height: 900 }], [6, 3, { ...ROOM, width: 320, height: 400, ratio: 3, least: 10 }]] as const) {
    const cells = new Cells(large('31.72', kelurahan, each))
    const layout = layOut(cells, room)
    const seen = new Set<string>()
    for (let i = 0; i < cells.count; i += 1) {
      const [x = NaN, y = NaN] = [layout.x[i], layout.y[i]]
      assert.ok(x >= 0 && x + layout.side <= room.width + 0.01 && y >= layout.nameHeight && y + layout.side <= layout.height, `${i}`)
      seen.add(`${x},${y}`)
      if (i % 7 === 0) assert.equal(cellAt(layout, x + layout.side / 2, y + layout.side / 2), i)
    }
    assert.equal(seen.size, cells.count)
    assert.equal(layout.blocks.length, kelurahan)
    assert.equal(layout.bands.length, Math.ceil(kelurahan / 10))
    assert.equal(cellAt(layout, -1, 5), -1)
    assert.equal(cellAt(layout, 2, layout.height + 50), -1)
  }
})

test('a kota of 2,386 is in sight at once on a wide screen, and a phone scrolls', () => {
  const cells = new Cells(large('31.72', 31, 77))

  const wide = layOut(cells, { ...ROOM, width: 1860, height: 800 })
  assert.ok(wide.height <= 800 && wide.pitch >= 14, `${wide.height} ${wide.pitch}`)
  const phone = layOut(cells, { width: 330, height: 400, ratio: 3, rem: 16, least: 10 })
  assert.equal(phone.pitch, 10)
  assert.ok(phone.height > 400)
  const sight = blocksWithin(phone, 500, 900)
  assert.ok(sight.length > 0 && sight.length < phone.blocks.length)
  for (const block of phone.blocks) {
    const bottom: number = block.y + Math.ceil(block.count / block.columns) * phone.pitch
    assert.equal(sight.includes(block), block.y - phone.nameHeight < 900 && bottom > 500)
  }
})

test('keys lead through the cells that are shown', () => {
  const cells = new Cells(large('31.72', 12, 20))
  const layout = layOut(cells, ROOM)
  const all = (): boolean => true
  const columns = layout.blocks[0]?.columns ?? 0

  assert.equal(moved(layout, 0, 'right', all), 1)
  assert.equal(moved(layout, 0, 'left', all), 0, 'at the edge it stays')
  assert.equal(moved(layout, 19, 'right', all), 20, 'on to the next block')
  assert.equal(moved(layout, 0, 'down', all), columns)
  assert.equal(moved(layout, columns, 'up', all), 0)
  assert.equal(moved(layout, 0, 'up', all), 0)
  assert.equal(moved(layout, 25, 'first', all), 20)
  assert.equal(moved(layout, 25, 'last', all), 39)
  assert.equal(moved(layout, 25, 'next', all), 40)
  assert.equal(moved(layout, 25, 'previous', all), 0)
  assert.equal(moved(layout, 0, 'previous', all), 0)
  const odd = (i: number): boolean => i % 2 === 1
  assert.equal(moved(layout, 1, 'right', odd), 3)
  assert.ok(odd(moved(layout, 1, 'down', odd)) && moved(layout, 1, 'down', odd) > 1)
  assert.equal(blockOf(layout, 25)?.first, 20)
  for (let i = 0; i < cells.count; i += 1) {
    const below = moved(layout, i, 'down', all)
    assert.ok(below === i || (layout.y[below] ?? 0) > (layout.y[i] ?? 0))
  }
  assert.ok([...Array(cells.count).keys()].filter((i) => moved(layout, i, 'down', all) === i).every((i) => (layout.y[i] ?? 0) >= layout.height - 3 * layout.pitch - 40))
})

test('a typed number leads to that TPS of the same block, else to the next that has it', () => {
  const cells = new Cells(frame())
  const layout = layOut(cells, ROOM)

  assert.equal(numbered(cells, layout, 1, 4), 2)
  assert.equal(numbered(cells, layout, 4, 4), 2, 'the second has no TPS 4')
  assert.equal(numbered(cells, layout, 4, 1), 3)
  assert.equal(numbered(cells, layout, 0, 9), null)
})
