/** Where every cell lies: blocks of TPS under the name of their region, flowing in bands. All lengths in CSS pixels. No DOM. */

import { levelOf } from '../../places.ts'
import type { Cells } from './cells.ts'

export interface Room {
  width: number
  /** What is in sight without scrolling. */
  height: number
  /** Device pixels per CSS pixel: cells lie on whole device pixels. */
  ratio: number
  /** The root's font size. */
  rem: number
  /** From cell to cell, at least: a finger wants more than a mouse. */
  least: number
}

/** The TPS of one region under its name. */
export interface Block {
  code: string
  first: number
  count: number
  x: number
  y: number
  columns: number
  /** Room for its name, which ends where the next block begins. */
  width: number
}

/** A line with the name of the region that the blocks below it lie in. */
export interface Band {
  code: string
  first: number
  count: number
  y: number
}

export interface Layout {
  blocks: Block[]
  bands: Band[]
  /** From cell to cell, and a cell's side. */
  pitch: number
  side: number
  /** Above a block's cells. */
  nameHeight: number
  bandHeight: number
  width: number
  height: number
  /** Device pixels per CSS pixel. */
  ratio: number
  x: Float32Array
  y: Float32Array
}

const MOST_REM = 2.75
/** Components of the codes of bands and blocks, by the level of the region that is looked at; 0: none. */
const SHAPE: Record<string, [number, number]> = { provinsi: [2, 3], kabkota: [3, 4], kecamatan: [0, 4], kelurahan: [0, 5], dusun: [0, 5] }

interface Run {
  code: string
  first: number
  count: number
}

/** Blocks that flow together under one band (none in a small region), and how many lines of cells each of them may have. */
interface Part {
  band: Run | null
  blocks: Run[]
}

/** The largest cells that are all in sight at once; where even the least are too many, the least, to be scrolled. */
export function layOut(cells: Cells, room: Room): Layout {
  const [bandParts, blockParts] = SHAPE[levelOf(cells.code)] ?? [2, 3]
  const parts = partsOf(runsOf(cells, blockParts), bandParts > 0 ? runsOf(cells, bandParts) : [])
  let pitch = Math.max(room.least, Math.floor(MOST_REM * room.rem))
  const height = (): number => parts.reduce((sum, part) => sum + bestOf(part, room, pitch).height, 0)
  while (pitch > room.least && height() > room.height) pitch -= 1
  const found: Layout = {
    blocks: [], bands: [], pitch, side: pitch - gapOf(pitch, room.ratio), nameHeight: nameHeightOf(room), bandHeight: bandHeightOf(room),
    width: room.width, height: 0, ratio: room.ratio, x: new Float32Array(cells.count), y: new Float32Array(cells.count),
  }
  for (const part of parts) {
    const { rows } = bestOf(part, room, pitch)
    found.height = flow(part, room, { pitch, rows, y: found.height }, found)
  }
  return found
}

function partsOf(blocks: Run[], bands: Run[]): Part[] {
  if (bands.length === 0) return [{ band: null, blocks }]
  return bands.map((band) => ({ band, blocks: blocks.filter((block) => block.first >= band.first && block.first < band.first + band.count) }))
}

/** Neighbours whose codes begin with the same components, as runs of cells. */
export function runsOf(cells: Cells, parts: number): Run[] {
  const runs: Run[] = []
  for (const group of cells.groups) {
    const code = group.code.split('.').slice(0, parts).join('.')
    const last = runs.at(-1)
    if (last?.code === code) last.count += group.count
    else runs.push({ code, first: group.first, count: group.count })
  }
  return runs
}

const nameHeightOf = (room: Room): number => Math.ceil(1.25 * room.rem)
const bandHeightOf = (room: Room): number => Math.ceil(1.75 * room.rem)

/** At least one device pixel; wider between larger cells. */
function gapOf(pitch: number, ratio: number): number {
  return Math.max(1, Math.round(pitch * 0.1 * ratio)) / ratio
}

/** Lines of cells a block has at most: blocks beside each other are as high as the highest, so all of a part have the same. */
const MOST_ROWS = 40

/** How many lines of cells make a part lowest at a pitch, and how high it is then. */
function bestOf(part: Part, room: Room, pitch: number): { rows: number; height: number } {
  let best = { rows: 1, height: Infinity }
  const most = Math.max(...part.blocks.map((block) => block.count))
  for (let rows = 1; rows <= Math.max(MOST_ROWS, Math.ceil((most * pitch) / room.width)); rows += 1) {
    const height = flow(part, room, { pitch, rows, y: 0 }, null)
    if (height < best.height) best = { rows, height }
    if (rows >= most) break
  }
  return best
}

interface Measure {
  pitch: number
  rows: number
  /** Where the part begins. */
  y: number
}

/** Flows the blocks of a part; where it ends. With `into`, writes down where everything is. */
function flow(part: Part, room: Room, measure: Measure, into: Layout | null): number {
  const { pitch } = measure
  const between = Math.ceil(0.75 * room.rem)
  const nameHeight = nameHeightOf(room)
  const leastColumns = Math.ceil((5.5 * room.rem) / pitch)
  const mostColumns = Math.max(1, Math.floor(room.width / pitch))
  let [x, y, tallest] = [0, measure.y, 0]
  if (part.band) {
    into?.bands.push({ ...part.band, y })
    y += bandHeightOf(room)
  }
  for (const block of part.blocks) {
    const columns = Math.min(Math.max(Math.ceil(block.count / measure.rows), leastColumns), mostColumns)
    const width = columns * pitch
    if (x > 0 && x + width > room.width) {
      y += tallest
      ;[x, tallest] = [0, 0]
    }
    if (into) put(into, block, x, y + nameHeight, columns, width)
    x += width + between
    tallest = Math.max(tallest, nameHeight + Math.ceil(block.count / columns) * pitch + Math.ceil(0.4 * room.rem))
  }
  return y + tallest
}

function put(into: Layout, block: Run, x: number, y: number, columns: number, width: number): void {
  into.blocks.push({ ...block, x, y, columns, width })
  for (let k = 0; k < block.count; k += 1) {
    into.x[block.first + k] = x + (k % columns) * into.pitch
    into.y[block.first + k] = y + Math.floor(k / columns) * into.pitch
  }
}

/** The cell at a point; -1: none. Between two cells the nearer one is meant. */
export function cellAt(layout: Layout, x: number, y: number): number {
  for (const block of layout.blocks) {
    const column = Math.floor((x - block.x) / layout.pitch)
    const row = Math.floor((y - block.y) / layout.pitch)
    if (column < 0 || row < 0 || column >= block.columns) continue
    const k = row * block.columns + column
    if (k < block.count) return block.first + k
  }
  return -1
}

export function blockOf(layout: Layout, i: number): Block | undefined {
  return layout.blocks.find((block) => i >= block.first && i < block.first + block.count)
}

/** The blocks of which something lies in a stretch of the height. */
export function blocksWithin(layout: Layout, from: number, to: number): Block[] {
  return layout.blocks.filter((block) => {
    const rows = Math.ceil(block.count / block.columns)
    return block.y - layout.nameHeight < to && block.y + rows * layout.pitch > from
  })
}

export type Move = 'left' | 'right' | 'up' | 'down' | 'first' | 'last' | 'next' | 'previous'

/** Where a key leads from a cell, among those that are shown; the cell itself where it leads nowhere. */
export function moved(layout: Layout, i: number, move: Move, isShown: (i: number) => boolean): number {
  const count = layout.x.length
  if (move === 'left') return along(i, -1, count, isShown)
  if (move === 'right') return along(i, 1, count, isShown)
  if (move === 'up' || move === 'down') return across(layout, i, move === 'up' ? -1 : 1, isShown)
  const at = layout.blocks.findIndex((block) => i >= block.first && i < block.first + block.count)
  const block = layout.blocks[at]
  if (!block) return i
  if (move === 'first') return firstShown(block.first, block.first + block.count, isShown) ?? i
  if (move === 'last') return lastShown(block.first, block.first + block.count, isShown) ?? i
  if (move === 'next') return firstShown(block.first + block.count, count, isShown) ?? i
  const before = lastShown(0, block.first, isShown)
  const [from = 0] = before === null ? [] : [layout.blocks.findLast((each) => each.first <= before)?.first]
  return before === null ? i : (firstShown(from, block.first, isShown) ?? i)
}

function along(i: number, step: number, count: number, isShown: (i: number) => boolean): number {
  for (let k = i + step; k >= 0 && k < count; k += step) if (isShown(k)) return k
  return i
}

/** The nearest shown cell above or below; what lies aside counts as twice as far. */
function across(layout: Layout, i: number, sign: number, isShown: (i: number) => boolean): number {
  const [x = 0, y = 0] = [layout.x[i], layout.y[i]]
  let [best, nearest] = [i, Infinity]
  for (let k = 0; k < layout.x.length; k += 1) {
    const rise = sign * ((layout.y[k] ?? 0) - y)
    if (rise <= 0 || rise >= nearest) continue
    const far = rise + 2 * Math.abs((layout.x[k] ?? 0) - x)
    if (far < nearest && isShown(k)) [best, nearest] = [k, far]
  }
  return best
}

function firstShown(from: number, to: number, isShown: (i: number) => boolean): number | null {
  for (let k = from; k < to; k += 1) if (isShown(k)) return k
  return null
}

function lastShown(from: number, to: number, isShown: (i: number) => boolean): number | null {
  for (let k = to - 1; k >= from; k -= 1) if (isShown(k)) return k
  return null
}

/** The TPS with a number in the block of a cell, or the first after it that has it; null: nowhere. */
export function numbered(cells: Cells, layout: Layout, i: number, number: number): number | null {
  const from = blockOf(layout, i)?.first ?? 0
  for (let k = 0; k < cells.count; k += 1) {
    const at = (from + k) % cells.count
    if (cells.numbers[at] === number) return at
  }
  return null
}
