/** Curves as numbers: pages put together, what held when, and what there is to say of them. Times are milliseconds since 1970. */

/** What `GET /v1/regions/{code}/curve` answers with; times are on the operation's clock. */
export interface CurvePage {
  code: string
  kept: boolean
  version: number
  sampled_at: string | null
  now: string
  pace_s: number
  counters: string[]
  at: string[]
  versions: number[]
  values: number[][]
  gaps: { from_at: string; until_at: string }[]
  next: string | null
}

export interface Gap {
  from: number
  until: number
}

/** The points of one region: at `at[i]` counter `name` was `values.get(name)[i]`, and stayed so until the next. */
export interface Points {
  at: readonly number[]
  values: ReadonlyMap<string, readonly number[]>
  gaps: readonly Gap[]
  /** Until when it is known that nothing moved after the last point; null before the first sample. */
  sampledAt: number | null
}

export const NO_POINTS: Points = { at: [], values: new Map(), gaps: [], sampledAt: null }

/** Points with those of a following page, in arrays as long as they need be; what both have counts once, and a counter that is new was 0. A page that begins before them, as after a drill began anew, replaces what it contradicts. */
export function extend(points: Points, page: CurvePage): Points {
  const at = page.at.map((time) => Date.parse(time))
  const first = at[0]
  const sampledAt = page.sampled_at === null ? null : Date.parse(page.sampled_at)
  const isSet = sampledAt !== null && points.at.some((time) => time > sampledAt)
  const kept = first === undefined ? (isSet ? 0 : points.at.length) : points.at.filter((time) => time < first).length
  const values = new Map(page.counters.map((name, index) => [name, (points.values.get(name)?.slice(0, kept) ?? new Array<number>(kept).fill(0)).concat(page.values[index] ?? [])]))
  const gaps = page.gaps.map((gap) => ({ from: Date.parse(gap.from_at), until: Date.parse(gap.until_at) }))
  return { at: points.at.slice(0, kept).concat(at), values, gaps, sampledAt }
}

/** The sum of some counters at each point. */
export function sumOf(points: Points, names: readonly string[]): number[] {
  return points.at.map((_, index) => names.reduce((total, name) => total + (points.values.get(name)?.[index] ?? 0), 0))
}

/** A line to be drawn: stepped, as far as the last sample, open where nobody sampled. Lines of the same points have one `x`. */
export interface Line {
  x: readonly number[]
  y: readonly (number | null)[]
}

/** Times of a line, and which point holds at each: null where nobody sampled; one after the other if `held` is null. */
interface Axis {
  x: readonly number[]
  held: readonly (number | null)[] | null
}

/** A night's page draws thirty lines of the same times. */
const axes = new WeakMap<Points, Axis>()

export function lineOf(points: Points, values: readonly number[]): Line {
  const known = axes.get(points) ?? axisOf(points)
  axes.set(points, known)
  // As they are: a night's samples are kept once, not for every line.
  if (known.held === null && values.length === known.x.length) return { x: known.x, y: values }
  return { x: known.x, y: (known.held ?? known.x.map((_, index) => index)).map((index) => (index === null ? null : (values[index] ?? 0))) }
}

function axisOf(points: Points): Axis {
  const end = points.sampledAt
  const last = points.at.at(-1)
  const isOpen = end !== null && last !== undefined && end > last
  if (points.gaps.length === 0 && !isOpen) return { x: points.at, held: null }
  const x: number[] = []
  const held: (number | null)[] = []
  points.at.forEach((time, index) => {
    const before = points.at[index - 1]
    const gap = points.gaps.find((known) => before !== undefined && known.from >= before && known.from < time && known.until <= time)
    if (gap && before !== undefined) {
      x.push(Math.max(gap.from, before + 1))
      held.push(null)
    }
    x.push(time)
    held.push(index)
  })
  if (isOpen) {
    x.push(end)
    held.push(points.at.length - 1)
  }
  return { x, held }
}

/** When a rising line first was at `wanted` or above; null: not yet. */
export function firstAt(points: Points, values: readonly number[], wanted: number): number | null {
  const index = values.findIndex((value) => value >= wanted)
  return wanted <= 0 || index < 0 ? null : (points.at[index] ?? null)
}

/** What a line was at a moment: what held then; 0 before the first point. */
export function valueAt(points: Points, values: readonly number[], time: number): number {
  let found = 0
  for (let index = 0; index < points.at.length && (points.at[index] ?? 0) <= time; index += 1) found = values[index] ?? 0
  return found
}

const MINUTE_MS = 60_000
const BUCKETS_MIN = [1, 2, 5, 10, 15, 30, 60, 180, 360, 1440]
const BUCKETS_LIMIT = 120

export interface Rate {
  /** Minutes that each value is the mean of. */
  every: number
  /** Beginning of each stretch. */
  x: number[]
  /** New per minute in it. */
  y: number[]
}

/** How much a growing line grew per minute, in equal stretches none finer than the samples are apart. */
export function rateOf(points: Points, values: readonly number[], from: number, until: number): Rate {
  const steps = points.at.slice(1).map((time, index) => time - (points.at[index] ?? time))
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 4)] ?? MINUTE_MS
  const every = BUCKETS_MIN.find((size) => size * MINUTE_MS >= usual * 0.9 && (until - from) / (size * MINUTE_MS) <= BUCKETS_LIMIT) ?? 1440
  const size = every * MINUTE_MS
  const begin = Math.floor(from / size) * size
  const count = Math.max(0, Math.ceil((until - begin) / size))
  const grown = new Array<number>(count).fill(0)
  points.at.forEach((time, index) => {
    const bucket = Math.floor((time - begin) / size)
    const before = index > 0 ? (values[index - 1] ?? 0) : (values[index] ?? 0)
    if (bucket >= 0 && bucket < count) grown[bucket] = (grown[bucket] ?? 0) + (values[index] ?? 0) - before
  })
  return { every, x: grown.map((_, index) => begin + index * size), y: grown.map((sum) => sum / every) }
}

/** The stretch in which a milestone's curve is worth looking at: around its plan, and as long as it went on rising. */
export function windowOf(points: Points, values: readonly number[], planned: number, graceMs: number): { from: number; until: number } {
  const final = values.at(-1) ?? 0
  const began = firstAt(points, values, 1)
  const almost = firstAt(points, values, Math.max(1, Math.ceil(final * 0.995)))
  const until = Math.max(planned + graceMs, almost ?? 0) + 30 * MINUTE_MS
  return { from: Math.min(planned, began ?? planned) - 30 * MINUTE_MS, until }
}
