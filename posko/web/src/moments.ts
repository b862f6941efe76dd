/** Moments as a form asks for them: in the clock of a place, whatever this machine's is. */

import { offsetOf, zoneOf } from './places.ts'
import type { Words } from './words.ts'

/** A moment by the clock of a place, with the name of its zone: `27 Nov 07.03 WIB`; with its year where it is not that of a day (`2024-11-27`). */
export function momentAt(words: Words, time: string, code: string, day = time): string {
  return `${words.clock(time, offsetOf(code), time.slice(0, 4) === day.slice(0, 4) ? 'day' : 'year')} ${zoneOf(code)}`
}

/** `2024-11-27T09:00`, what an input of type datetime-local holds, `offset` hours east of UTC. */
export function toField(at_ms: number, offset: number): string {
  return new Date(at_ms + offset * 3_600_000).toISOString().slice(0, 16)
}

/** RFC 3339 with the offset of the place; null while the field holds no moment. */
export function fromField(field: string, offset: number): string | null {
  const isMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(field) && !Number.isNaN(Date.parse(`${field}:00Z`))
  return isMoment ? `${field}:00+${String(offset).padStart(2, '0')}:00` : null
}

/** The next moment on a whole `minutes` that is no earlier. */
export function roundedUp(at_ms: number, minutes: number): number {
  const step_ms = minutes * 60_000
  return Math.ceil(at_ms / step_ms) * step_ms
}

/** `2:05:09` or `12:09`: hours where there are any, minutes and seconds. */
export function remaining(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  const two = (part: number): string => String(part).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
