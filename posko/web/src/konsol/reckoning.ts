/** What the server said of an operation's clock, and when that was by a clock of ours that only runs forward. */
export interface Reading {
  at_ms: number
  /** How many of its seconds pass in one; 0: a drill that stands still. */
  speed: number
  read_ms: number
}

/** What time it is in the operation at `now_ms` of our clock. */
export function timeIn(reading: Reading, now_ms: number): number {
  return reading.at_ms + (now_ms - reading.read_ms) * reading.speed
}
