import { offsetOf, zoneOf } from '../../places.ts'
import type { Words } from '../../words.ts'

/** A moment in the zone of a place, with its name: `27 Nov 07.03 WIB`. */
export function hourAt(words: Words, time: string, region: string): string {
  return `${words.clock(time, offsetOf(region), 'day')} ${zoneOf(region)}`
}

/** The same to the second, without its day. */
export function secondAt(words: Words, time: string, region: string): string {
  return `${words.clock(time, offsetOf(region))} ${zoneOf(region)}`
}
