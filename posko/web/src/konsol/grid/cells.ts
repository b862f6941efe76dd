/** Every TPS of a region as typed arrays: decoded once, then brought on in place by what changed. No DOM. */

/** What `GET /v1/regions/{code}/cells` answers; see PROTOCOL.md. */
export interface CellsFrame {
  code: string
  version: number
  layout: number
  at: string
  milestones: string[]
  width: number
  count: number
  epoch: string
  names: Record<string, string>
  tps: Record<string, string>
  grades: string
  indicators: string
  cells: string
  last: (number | null)[]
}

/** What `.../cells/changes` answers: whole cells, by their place in the order of the snapshot. */
export interface ChangesFrame {
  from: number
  to: number
  layout: number
  at: string
  count: number
  index: number[]
  cells: string
  last: (number | null)[]
}

/** One of the lowest regions, and which cells are its TPS. */
export interface Group {
  code: string
  first: number
  count: number
}

/** Of a milestone at a TPS: the digits of the wire. */
export const SAID = { unreported: 0, reached: 1, late: 2, not_possible: 3, unreachable: 4, overdue: 5, excused: 6 } as const

const COVERED = 1
const UNREACHABLE = 2
const SEAL_BROKEN = 4
/** Behind the milestones. */
const WORST = 0
const OPEN = 1
const FLAGS = 2
const MARKS = 3
/** More than the wire's one character can say. */
export const MANY = 35

export class Cells {
  readonly code: string
  readonly layout: number
  readonly milestones: string[]
  readonly count: number
  readonly names: Record<string, string>
  readonly groups: Group[]
  /** Which group a cell is of. */
  readonly groupOf: Uint32Array
  /** The TPS' number. */
  readonly numbers: Uint16Array
  readonly grades: Uint8Array
  readonly indicators: Uint8Array
  version: number
  at: string
  private readonly width: number
  private readonly state: Uint8Array
  /** Milliseconds since 1970; NaN: no report yet. */
  private readonly last: Float64Array
  private readonly epoch_ms: number

  constructor(frame: CellsFrame) {
    const { code, layout, milestones, count, names, version, at, width } = frame
    this.code = code
    this.layout = layout
    this.milestones = milestones
    this.count = count
    this.names = names
    this.version = version
    this.at = at
    this.width = width
    this.epoch_ms = Date.parse(frame.epoch)
    this.numbers = new Uint16Array(count)
    this.groupOf = new Uint32Array(count)
    this.groups = this.group(frame.tps)
    this.grades = Uint8Array.from(frame.grades, Number)
    this.indicators = Uint8Array.from({ length: count }, (_, i) => parseInt(frame.indicators.slice(2 * i, 2 * i + 2), 16))
    this.state = new Uint8Array(count * width)
    this.last = new Float64Array(count)
    for (let i = 0; i < count; i += 1) this.set(i, frame.cells, i * width, frame.last[i] ?? null)
  }

  private group(tps: Record<string, string>): Group[] {
    let next = 0
    return Object.entries(tps).map(([code, ranges], at) => {
      const first = next
      for (const run of ranges.split(',')) {
        const [from = 0, to = from] = run.split('-').map(Number)
        for (let number = from; number <= to; number += 1) {
          this.groupOf[next] = at
          this.numbers[next] = number
          next += 1
        }
      }
      return { code, first, count: next - first }
    })
  }

  private set(i: number, text: string, from: number, last: number | null): void {
    for (let k = 0; k < this.width; k += 1) {
      const letter = text.charCodeAt(from + k)
      this.state[i * this.width + k] = letter < 58 ? letter - 48 : letter - 87
    }
    this.last[i] = last === null ? NaN : this.epoch_ms + last * 1000
  }

  /** The cells that changed; null where the changes do not carry on from these cells: take them anew. */
  apply(changes: ChangesFrame): number[] | null {
    if (changes.layout !== this.layout || changes.count !== this.count || changes.from > this.version) return null
    if (changes.to <= this.version) return []
    changes.index.forEach((i, at) => this.set(i, changes.cells, at * this.width, changes.last[at] ?? null))
    this.version = changes.to
    this.at = changes.at
    return changes.index
  }

  codeOf(i: number): string {
    return `${this.groupCode(i)}.${String(this.numbers[i]).padStart(3, '0')}`
  }

  /** The code of the kelurahan (or dusun) that a TPS lies in. */
  groupCode(i: number): string {
    return this.groups[this.groupOf[i] ?? 0]?.code ?? this.code
  }

  /** -1: no such TPS here. */
  indexOf(code: string): number {
    const dot = code.lastIndexOf('.')
    const group = this.groups.find((each) => each.code === code.slice(0, dot))
    if (group === undefined) return -1
    const at = this.numbers.subarray(group.first, group.first + group.count).indexOf(Number(code.slice(dot + 1)))
    return at < 0 ? -1 : group.first + at
  }

  /** One of SAID. */
  said(i: number, milestone: number): number {
    return this.state[i * this.width + milestone] ?? 0
  }

  /** Whether the hour of any milestone has passed without a word. */
  isOverdue(i: number): boolean {
    const from = i * this.width
    for (let k = from; k < from + this.milestones.length; k += 1) if (this.state[k] === SAID.overdue) return true
    return false
  }

  /** The gravest open incident: 0 none, 1 rendah to 4 kritis. */
  worst(i: number): number {
    return this.rest(i, WORST)
  }

  /** Open incidents; MANY is that many or more. */
  open(i: number): number {
    return this.rest(i, OPEN)
  }

  flags(i: number): number {
    return this.rest(i, FLAGS)
  }

  isCovered(i: number): boolean {
    return (this.rest(i, MARKS) & COVERED) > 0
  }

  isUnreachable(i: number): boolean {
    return (this.rest(i, MARKS) & UNREACHABLE) > 0
  }

  isSealBroken(i: number): boolean {
    return (this.rest(i, MARKS) & SEAL_BROKEN) > 0
  }

  /** When its last report was received, by the operation's clock, in milliseconds since 1970; null before the first. */
  lastAt(i: number): number | null {
    const at = this.last[i]
    return at === undefined || Number.isNaN(at) ? null : at
  }

  private rest(i: number, which: number): number {
    return this.state[i * this.width + this.milestones.length + which] ?? 0
  }
}
