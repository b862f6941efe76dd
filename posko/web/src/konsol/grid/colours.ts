/** What a cell's colour can say: ways to colour the grid, the classes of each, and which class a TPS is in. No DOM. */

import { type Cells, SAID } from './cells.ts'

/** A class looks like this at any size, in either light: colour never speaks alone. Paths lie on a 16 x 16 square. */
export interface Paint {
  ground: string
  ink?: string
  path?: string
  /** What a number on it is written in. */
  text: string
}

export interface Class {
  /** In the address: `hanya=overdue,late`. */
  key: string
  /** Its words in the catalogue. */
  label: string
  paint: Paint
}

export interface Colouring {
  /** In the address: `warna=voting_open`. */
  key: string
  classes: readonly Class[]
  /** Which of the classes a TPS is in. */
  /** `now` is the operation's clock, milliseconds since 1970. */
  classOf: (cells: Cells, i: number, now: number) => number
  /** Its classes change with time alone, too. */
  ages?: true
}

const RING = 'M0 0h16v16H0zM4 4v8h8V4z'
const THIN_RING = 'M0 0h16v16H0zM2 2v12h12V2z'
const STRIPES = 'M0 8L8 0h5L0 13zM3 16L16 3v5l-8 8z'
const BARS = 'M0 1h16v3.5H0zM0 6.25h16v3.5H0zM0 11.5h16V15H0z'
const CROSS = 'M1 4l3-3 4 4 4-4 3 3-4 4 4 4-3 3-4-4-4 4-3-3 4-4z'
const DASH = 'M2 6h12v4H2z'
const DIAMOND = 'M8 1l7 7-7 7-7-7z'
const TRIANGLE = 'M8 2l6.5 12h-13z'
const SQUARE = 'M4 4h8v8H4z'
const CIRCLE = 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z'
const HALF = 'M0 8h16v8H0z'
const QUARTER = 'M0 12h16v4H0z'
const dots = (...at: [number, number][]): string => at.map(([x, y]) => `M${x} ${y}h5v5h-5z`).join('')

const QUIET: Paint = { ground: '--track', text: '--ink-3' }
const SILENT: Paint = { ground: '--track', ink: '--ink-3', path: BARS, text: '--ink' }
const OVERDUE: Paint = { ground: '--kritis-soft', ink: '--kritis', path: RING, text: '--ink' }

const MILESTONE: readonly Class[] = [
  { key: 'reached', label: 'grid.reached', paint: { ground: '--bar', text: '--surface' } },
  { key: 'late', label: 'milestone.late', paint: { ground: '--late-bar', ink: '--late', path: STRIPES, text: '--ink' } },
  { key: 'overdue', label: 'milestone.overdue', paint: OVERDUE },
  { key: 'unreachable', label: 'milestone.unreachable', paint: SILENT },
  { key: 'not_possible', label: 'milestone.not_possible', paint: { ground: '--track', ink: '--blocked', path: CROSS, text: '--ink' } },
  { key: 'excused', label: 'milestone.excused', paint: { ground: '--track', ink: '--ink-3', path: DASH, text: '--ink' } },
  { key: 'unreported', label: 'milestone.unreported', paint: { ground: '--surface', ink: '--edge', path: THIN_RING, text: '--ink-2' } },
]
/** By the digits of SAID. */
const OF_SAID = (Object.keys(SAID) as (keyof typeof SAID)[]).map((said) => MILESTONE.findIndex(({ key }) => key === said))

const SILENCE: readonly Class[] = [
  { key: 'unreachable', label: 'milestone.unreachable', paint: SILENT },
  { key: 'overdue', label: 'milestone.overdue', paint: OVERDUE },
  { key: 'never', label: 'grid.never', paint: { ground: '--surface', ink: '--ink-3', path: THIN_RING, text: '--ink' } },
  { key: 'old', label: 'grid.old', paint: { ground: '--late-bar', text: '--ink' } },
  { key: 'older', label: 'grid.older', paint: { ground: '--track', ink: '--late-bar', path: HALF, text: '--ink' } },
  { key: 'fresh', label: 'grid.fresh', paint: { ground: '--bar', text: '--surface' } },
]
const OLD_MS = 60 * 60_000
const OLDER_MS = 30 * 60_000

const INCIDENT: readonly Class[] = [
  { key: 'kritis', label: 'severity.kritis', paint: { ground: '--kritis', ink: '--surface', path: DIAMOND, text: '--surface' } },
  { key: 'tinggi', label: 'severity.tinggi', paint: { ground: '--tinggi', ink: '--surface', path: TRIANGLE, text: '--surface' } },
  { key: 'sedang', label: 'severity.sedang', paint: { ground: '--sedang', ink: '--surface', path: SQUARE, text: '--surface' } },
  { key: 'rendah', label: 'severity.rendah', paint: { ground: '--rendah', ink: '--surface', path: CIRCLE, text: '--surface' } },
  { key: 'none', label: 'grid.none.incident', paint: QUIET },
]

const FLAGS: readonly Class[] = [
  { key: '3', label: 'grid.flags.3', paint: { ground: '--late', ink: '--surface', path: dots([1, 1], [10, 1], [5.5, 10]), text: '--surface' } },
  { key: '2', label: 'grid.flags.2', paint: { ground: '--late-bar', ink: '--late', path: dots([1, 5.5], [10, 5.5]), text: '--ink' } },
  { key: '1', label: 'grid.flags.1', paint: { ground: '--track', ink: '--late', path: dots([5.5, 5.5]), text: '--ink' } },
  { key: 'none', label: 'grid.none.flags', paint: QUIET },
]

const GRADE: readonly Class[] = [
  { key: 'khusus', label: 'grade.khusus', paint: { ground: '--kritis', ink: '--surface', path: DIAMOND, text: '--surface' } },
  { key: 'sangat_rawan', label: 'grade.sangat_rawan', paint: { ground: '--blocked', text: '--surface' } },
  { key: 'rawan', label: 'grade.rawan', paint: { ground: '--track', ink: '--blocked', path: HALF, text: '--ink' } },
  { key: 'kurang_rawan', label: 'grade.kurang_rawan', paint: { ground: '--track', ink: '--blocked', path: QUARTER, text: '--ink' } },
  { key: 'none', label: 'grid.none.grade', paint: QUIET },
]

const INDICATORS: readonly Class[] = [
  { key: '3', label: 'grid.indicators.3', paint: { ground: '--accent', text: '--surface' } },
  { key: '2', label: 'grid.indicators.2', paint: { ground: '--track', ink: '--accent', path: HALF, text: '--ink' } },
  { key: '1', label: 'grid.indicators.1', paint: { ground: '--track', ink: '--accent', path: QUARTER, text: '--ink' } },
  { key: 'none', label: 'grid.none.indicators', paint: QUIET },
]

/** Ways to colour besides the milestones, in the order of the list. */
export const OTHERS = ['diam', 'kejadian', 'tanda', 'polri', 'bawaslu'] as const
/** Of those the ones that a whole region has numbers for. */
export const ABOVE = ['diam', 'kejadian'] as const

/** A way to colour by its key; one that is not known colours by the milestone `otherwise`. */
export function colouringOf(key: string, milestones: readonly string[], otherwise: string): Colouring {
  if (key === 'diam') return { key, classes: SILENCE, classOf: silenceOf, ages: true }
  if (key === 'kejadian') return { key, classes: INCIDENT, classOf: (cells, i) => 4 - cells.worst(i) }
  if (key === 'tanda') return { key, classes: FLAGS, classOf: (cells, i) => 3 - Math.min(3, cells.flags(i)) }
  if (key === 'polri') return { key, classes: GRADE, classOf: (cells, i) => 4 - (cells.grades[i] ?? 0) }
  if (key === 'bawaslu') return { key, classes: INDICATORS, classOf: (cells, i) => 3 - Math.min(3, bitsOf(cells.indicators[i] ?? 0)) }
  const milestone = milestones.includes(key) ? key : otherwise
  const at = milestones.indexOf(milestone)
  return { key: milestone, classes: MILESTONE, classOf: (cells, i) => OF_SAID[at < 0 ? 0 : cells.said(i, at)] ?? 0 }
}

function silenceOf(cells: Cells, i: number, now: number): number {
  if (cells.isUnreachable(i)) return 0
  if (cells.isOverdue(i)) return 1
  const last = cells.lastAt(i)
  if (!cells.isCovered(i) || last === null) return 2
  const age = now - last
  return age > OLD_MS ? 3 : age > OLDER_MS ? 4 : 5
}

export function bitsOf(mask: number): number {
  let count = 0
  for (let rest = mask; rest > 0; rest >>= 1) count += rest & 1
  return count
}

/** The class of every cell, and how many are in each: kept while cells change. */
export class Coloured {
  readonly colouring: Colouring
  readonly classes: Uint8Array
  readonly counts: number[]
  private readonly cells: Cells

  constructor(cells: Cells, colouring: Colouring, now: number) {
    this.cells = cells
    this.colouring = colouring
    this.classes = new Uint8Array(cells.count)
    this.counts = colouring.classes.map(() => 0)
    for (let i = 0; i < cells.count; i += 1) {
      const found = colouring.classOf(cells, i, now)
      this.classes[i] = found
      this.counts[found] = (this.counts[found] ?? 0) + 1
    }
  }

  /** Looks at cells again, or at all: those whose class is another now. */
  look(now: number, which?: readonly number[]): number[] {
    const moved: number[] = []
    const size = which?.length ?? this.cells.count
    for (let at = 0; at < size; at += 1) {
      const i = which?.[at] ?? at
      const was = this.classes[i] ?? 0
      const is = this.colouring.classOf(this.cells, i, now)
      if (is === was) continue
      this.classes[i] = is
      this.counts[was] = (this.counts[was] ?? 0) - 1
      this.counts[is] = (this.counts[is] ?? 0) + 1
      moved.push(i)
    }
    return moved
  }
}
