/** What the server said of an operation's clock, and when that was by a clock of ours that only runs forward. */
export interface Reading {
  at_ms: number
  /** How many of its seconds pass in one; 0: a drill that stands still. */
  speed: number
  read_ms: number
}

/** A drill's clock may be set at any time: it is read as often as this. */
const READ_MS = 30_000
/** Of a fast one no more than this passes without asking, or it is far ahead of one that was halted. */
const AHEAD_MS = 5 * 60_000
const SOONEST_MS = 2_000

/** After how long the clock is to be read again. */
export function restOf(reading: Reading | null): number {
  return reading === null || reading.speed <= 0 ? READ_MS : Math.min(READ_MS, Math.max(SOONEST_MS, AHEAD_MS / reading.speed))
}

/** What time it is in the operation at `now_ms` of our clock. A clock faster than ours stands where it was to be read twice and could not be: nobody knows whether it still runs. */
export function timeIn(reading: Reading, now_ms: number): number {
  const passed = now_ms - reading.read_ms
  return reading.at_ms + (reading.speed > 1 ? Math.min(passed, 2 * restOf(reading)) : passed) * reading.speed
}

/** A clock stands still no longer than this before it is set back. */
const WAITED_MS = 10_000

/** What is shown after `shown`: not less, for a clock that was slowed down is waited for; unless that would take long. */
export function shownAt(reading: Reading, now_ms: number, shown: number | null): number {
  const told = timeIn(reading, now_ms)
  const isNear = shown !== null && shown - told <= WAITED_MS * Math.max(1, reading.speed)
  return isNear ? Math.max(shown, told) : told
}
