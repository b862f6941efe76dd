import type { Words } from '../words.ts'

/** A moment by the clock of a place, to the minute: with its day only where that is not today there. */
export function timeAt(words: Words, moment: string, offset: number, now_ms: number | null): string {
  const dayOf = (at_ms: number): number => Math.floor((at_ms + offset * 3_600_000) / 86_400_000)
  const isToday = now_ms !== null && dayOf(Date.parse(moment)) === dayOf(now_ms)
  return isToday ? words.clock(moment, offset).slice(0, 5) : words.clock(moment, offset, 'day')
}
