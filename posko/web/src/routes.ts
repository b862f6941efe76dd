/** Addresses inside the konsol: `#/1/31.72`, and behind it the lists that a number opens to. */

import { SEVERITIES } from './counters.ts'
import { asked } from './olderBrowsers.ts'
import { isTps } from './places.ts'

export type Route =
  | { page: 'start'; /** The address is none. */ isLost?: true }
  | { page: 'region' | 'station'; operation: number; code: string; /** How its table is sorted. */ filters: Filters; /** What follows in the address and is nothing here. */ unknown?: string }
  | { page: 'stations'; operation: number; code: string; counter: string }
  | { page: 'incidents' | 'flags'; operation: number; code: string; kind: string | null }
  | { page: 'view'; operation: number; code: string; view: View; /** What follows the view in its address: one record of it, or nothing. */ subject: string | null; filters: Filters; unknown?: string }

/** Ways of looking at a region besides its table: every TPS as a cell, the curves of the day, the board of incidents, alarms, directives, who is on duty. */
export const VIEWS = ['petak', 'kurva', 'kejadian', 'alarm', 'arahan', 'piket'] as const
export type View = (typeof VIEWS)[number]
/** What a view shows of all there is: `?status=baru&urut=lama`. */
export type Filters = Readonly<Record<string, string>>

const ALL = 'semua'
/** As codes of places, counters and numbers of operations are written (posko/terms.py, posko/regions/routes.py): what is not is asked of no server. */
const CODE = /^(ID|\d\d(\.\d\d){0,2}|\d\d\.\d\d\.\d\d\.\d{4}(\.\d\d)?(\.\d{3})?)$/
const COUNTER = /^[a-z][a-z0-9_.]{1,99}$/
const OPERATION = /^[1-9]\d{0,9}$/
const LARGEST = 2_147_483_647
const OF_REPORTS = 'laporan-kejadian'

const LOST: Route = { page: 'start', isLost: true }

export function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [first, code, list, what] = path.split('/').map(decoded)
  const operation = Number(first)
  if (!first) return { page: 'start' }
  if (!code || !CODE.test(code) || !OPERATION.test(first) || operation > LARGEST) return LOST
  if (list === 'tps' && what) return !COUNTER.test(what) ? LOST : { page: 'stations', operation, code, counter: what }
  const kind = what && what !== ALL ? what : null
  if (list === OF_REPORTS) return kind === null || isSeverity(kind) ? { page: 'incidents', operation, code, kind } : LOST
  if (list === 'tanda') return { page: 'flags', operation, code, kind }
  const filters = Object.fromEntries(new URLSearchParams(query))
  if (list !== undefined && isView(list)) {
    const hasSubject = list === 'kejadian' || list === 'arahan'
    return { page: 'view', operation, code, view: list, subject: (hasSubject && what) || null, filters, ...beyond(path, hasSubject ? 4 : 3) }
  }
  return { page: isTps(code) ? 'station' : 'region', operation, code, filters, ...beyond(path, 2) }
}

/** What an address says after its first `known` parts, which is nothing here. */
function beyond(path: string, known: number): { unknown?: string } {
  const unknown = path.split('/').slice(known).map(decoded).join('/')
  return unknown ? { unknown } : {}
}

function isSeverity(kind: string): boolean {
  return (SEVERITIES as readonly string[]).includes(kind)
}

function isView(list: string): list is View {
  return (VIEWS as readonly string[]).includes(list)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The address of a view of a place; filters that are empty are left out. */
export function toView(operation: number, code: string, view: View, subject: string | null = null, filters: Filters = {}): string {
  return `#/${operation}/${code}/${view}${subject === null ? '' : `/${encodeURIComponent(subject)}`}${queryOf(filters)}`
}

/** The address of a region or TPS; of a region also how its table is sorted (`urut`, `arah`). */
export function toPlace(operation: number, code: string, filters: Filters = {}): string {
  return `#/${operation}/${code}${queryOf(filters)}`
}

function queryOf(filters: Filters): string {
  return asked(new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== '')))
}

/** The address of the exact list behind a counter of a place: of incidents (`case.open`, `case.open.kritis`, `case.overdue`) and of alarms the view of them. */
export function toCounter(operation: number, code: string, counter: string): string {
  const [head, kind, severity] = counter.split('.')
  if (head === 'incident') return `#/${operation}/${code}/${OF_REPORTS}/${kind ?? ALL}`
  if (counter === 'alarm') return toView(operation, code, 'alarm')
  if (head === 'case' && kind === 'open') return toView(operation, code, 'kejadian', null, { tab: 'terbuka', tingkat: severity ?? '' })
  if (counter === 'case.overdue') return toView(operation, code, 'kejadian', null, { tab: 'terbuka', lewat: 'ya' })
  if (head === 'flag') return `#/${operation}/${code}/tanda/${kind ?? ALL}`
  return `#/${operation}/${code}/tps/${encodeURIComponent(counter)}`
}
