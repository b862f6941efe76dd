/**
 * What time it is, when the phone is wrong. A phone that lies in a desk drawer until election day may be minutes or a
 * day off, and `observed_at` decides what counts (the first word on a milestone, the latest number) and what is late. So
 * every answer of the server is also a look at its clock, and what is filed "now" is filed by that.
 * What a person typed ("07:03") was read from a clock on the wall: it is left as it is.
 */

/** How far this phone is from the server: `ms` is phone minus server, right within `within_ms`; as of `at` by this phone. */
export interface Skew {
  ms: number
  within_ms: number
  at: number
  /** By the clock that nobody sets, of the page that measured it. */
  steady?: Steady
}

/** Milliseconds of a page's life (`of`: which page): nobody sets them. They may stand while the phone sleeps. */
export interface Steady {
  of: number
  ms: number
}

export function steadyNow(): Steady {
  return { of: performance.timeOrigin, ms: performance.now() }
}

/** A measurement older than this is worth less than a worse one of now: phones drift, and people set them. */
const STALE_MS = 10 * 60_000
/** The `Date` of an answer has whole seconds, cut. */
const DATE_WITHIN_MS = 500
/** What was measured so long ago is not applied any more: somebody may have set the clock since. */
const OLD_MS = 12 * 3_600_000
/** The phone's two clocks part by so much only where one was set, or slept. */
const PARTED_MS = 5_000
/** As exactly as people set a clock. */
const BY_HAND_MS = 60_000
/** Answers slower than this say too little. */
const SLOW_MS = 20_000

/** What one answer says: asked and answered by this phone's clock, `date` the header. */
export function measured(asked_at: number, answered_at: number, date: string | null, steady: Steady = steadyNow()): Skew | null {
  const server = date === null ? Number.NaN : Date.parse(date)
  const took = answered_at - asked_at
  if (Number.isNaN(server) || took < 0 || took > SLOW_MS) return null
  return { ms: Math.round((asked_at + answered_at) / 2 - (server + DATE_WITHIN_MS)), within_ms: Math.ceil(took / 2) + DATE_WITHIN_MS, at: answered_at, steady }
}

/** The better of what was known and what was measured now. */
export function better(known: Skew | null, now: Skew): Skew {
  if (known === null || now.within_ms <= known.within_ms) return now
  const isStale = now.at - known.at > STALE_MS || now.at < known.at
  const isContradicted = Math.abs(now.ms - known.ms) > now.within_ms + known.within_ms
  return isStale || isContradicted ? now : known
}

/**
 * Whether the phone's clock is still the one that was measured. It is not where it runs behind the measurement; where the
 * steady clock says that it was set back, or moved by what it was wrong by: somebody put it right (a phone that slept moves
 * as well, but by that only by chance); or where too long ago for anybody to say.
 */
export function isCurrent(skew: Skew, now_ms: number, steady: Steady): boolean {
  const passed = now_ms - skew.at
  if (passed < -PARTED_MS || passed > OLD_MS) return false
  if (skew.steady === undefined || skew.steady.of !== steady.of) return true
  const moved = passed - (steady.ms - skew.steady.ms)
  return Math.abs(moved) <= PARTED_MS || (moved > 0 && Math.abs(moved + skew.ms) > BY_HAND_MS + skew.within_ms)
}

/** Seconds that the phone's clock is put right by, as a report says it: phone minus server; null where it is believed. */
export function skewSeconds(skew: Skew | null): number | null {
  return skew === null || Math.abs(skew.ms) <= skew.within_ms ? null : Math.round(skew.ms / 1000)
}

/** The phone's clock put right, milliseconds since 1970. Within what the measurement can tell, the phone is believed. */
export function corrected(now_ms: number, skew: Skew | null): number {
  return skew === null || Math.abs(skew.ms) <= skew.within_ms ? now_ms : now_ms - skew.ms
}

/** RFC 3339 with an offset of whole hours, to the second: `2024-11-27T07:03:00+07:00`. */
export function rfc3339(at_ms: number, offset_h: number): string {
  const local = new Date(at_ms + offset_h * 3_600_000).toISOString().slice(0, 19)
  return `${local}${offset_h < 0 ? '-' : '+'}${String(Math.abs(offset_h)).padStart(2, '0')}:00`
}
