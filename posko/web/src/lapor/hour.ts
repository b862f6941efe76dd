/** Hours as an officer says them: on the clock of the TPS, `offset` hours east of UTC. */

import type { Words } from '../words.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** What lies a little ahead is this day's still: clocks differ. */
const AHEAD_MS = 2 * MINUTE_MS

/** A moment as a report bears it: RFC 3339 to the second, with the TPS's offset. */
export function toObserved(moment: number, offset: number): string {
  const there = new Date(moment + offset * HOUR_MS).toISOString().slice(0, 19)
  return `${there}+${String(offset).padStart(2, '0')}:00`
}

/** `07:03`, as a time input holds it. */
export function toHour(moment: number, offset: number): string {
  return new Date(moment + offset * HOUR_MS).toISOString().slice(11, 16)
}

/** The same to be read: `07.03`, in English `07:03`. */
export function hourOf(words: Words, moment: number, offset: number): string {
  return spell(words, toHour(moment, offset))
}

export function spell(words: Words, hour: string): string {
  return words.language === 'id' ? hour.replace(':', '.') : hour
}

/** Midnight before a moment, at the TPS. */
function dayOf(moment: number, offset: number): number {
  const there = moment + offset * HOUR_MS
  return there - (((there % DAY_MS) + DAY_MS) % DAY_MS) - offset * HOUR_MS
}

/** How many days a moment lies before now, by the calendar of the TPS: 0 today, 1 yesterday. */
export function daysBefore(moment: number, now: number, offset: number): number {
  return Math.round((dayOf(now, offset) - dayOf(moment, offset)) / DAY_MS)
}

/**
 * The moment that somebody means by an hour: nothing has been observed that lies ahead, so an hour that has not come
 * yet today was yesterday's. The minute that is now keeps its seconds. Null for what is no hour.
 */
export function momentOf(hour: string, now: number, offset: number): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(hour)
  if (!found) return null
  if (hour === toHour(now, offset)) return now
  const moment = dayOf(now, offset) + Number(found[1]) * HOUR_MS + Number(found[2]) * MINUTE_MS
  return moment > now + AHEAD_MS ? moment - DAY_MS : moment
}
