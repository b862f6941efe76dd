/** Addresses inside the konsol: `#/1/31.72`, and behind it the lists that a number opens to. */

import { isTps } from './places.ts'

export type Route =
  | { page: 'start' }
  | { page: 'region' | 'station'; operation: number; code: string }
  | { page: 'stations'; operation: number; code: string; counter: string }
  | { page: 'incidents' | 'flags'; operation: number; code: string; kind: string | null }

const ALL = 'semua'

export function parse(hash: string): Route {
  const [first, code, list, what] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  const operation = Number(first)
  if (!first || !code || !Number.isInteger(operation)) return { page: 'start' }
  if (list === 'tps' && what) return { page: 'stations', operation, code, counter: what }
  const kind = what && what !== ALL ? what : null
  if (list === 'kejadian') return { page: 'incidents', operation, code, kind }
  if (list === 'tanda') return { page: 'flags', operation, code, kind }
  return { page: isTps(code) ? 'station' : 'region', operation, code }
}

export function toPlace(operation: number, code: string): string {
  return `#/${operation}/${code}`
}

/** The address of the exact list behind a counter of a place. */
export function toCounter(operation: number, code: string, counter: string): string {
  const [head, kind] = counter.split('.')
  if (head === 'incident') return `#/${operation}/${code}/kejadian/${kind ?? ALL}`
  if (head === 'flag') return `#/${operation}/${code}/tanda/${kind ?? ALL}`
  return `#/${operation}/${code}/tps/${encodeURIComponent(counter)}`
}
