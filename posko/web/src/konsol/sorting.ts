/** How the table of a region is sorted, in its address and out of it. */

import type { Filters } from '../routes.ts'

export interface Sorting {
  key: string
  isDescending: boolean
}

export const BY_CODE: Sorting = { key: 'code', isDescending: false }
/** Of these the most comes first when one asks for them. */
const MOST_FIRST = new Set(['incidents', 'flags', 'alarms'])

/** What an address asks for; a key that the table has not counts as none. */
export function sortingOf(filters: Filters, keys: readonly string[]): Sorting {
  const key = filters['urut'] ?? BY_CODE.key
  return keys.includes(key) ? { key, isDescending: filters['arah'] === 'turun' } : BY_CODE
}

/** What an address says of it; the usual order is left out. */
export function filtersOf(sorting: Sorting): Filters {
  return { urut: sorting.key === BY_CODE.key ? '' : sorting.key, arah: sorting.isDescending ? 'turun' : '' }
}

/** What pressing a column's head asks for: the same column again turns around. */
export function pressed(sorting: Sorting, key: string): Sorting {
  return { key, isDescending: key === sorting.key ? !sorting.isDescending : MOST_FIRST.has(key) || partOf(key) !== null }
}

/** Of a milestone also who was late, and who has not reported: how many, not what share. */
export const PARTS = ['late', 'unreported'] as const

export function partOf(key: string): (typeof PARTS)[number] | null {
  return PARTS.find((part) => key.endsWith(`.${part}`)) ?? null
}

/** The milestone that a key sorts by, with or without its part. */
export function milestoneOf(key: string): string {
  return key.split('.')[0] ?? key
}
