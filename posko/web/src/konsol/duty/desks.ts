/** The desks of a region: which of them are shown, and what its numbers say. */

import type { DeskCount, DeskState } from '../../accounts.ts'
import type { Filters } from '../../routes.ts'

export const STATES = ['vacant', 'absent', 'staffed'] as const satisfies readonly DeskState[]
const NAMES: Record<DeskState, string> = { vacant: 'kosong', absent: 'ditinggal', staffed: 'dijaga' }

export interface Wanted {
  state: DeskState | null
  level: number | null
}

/** What the address asks for; what it asks wrongly is not asked. */
export function wantedOf(filters: Filters): Wanted {
  const level = /^[0-5]$/.test(filters['jenjang'] ?? '') ? Number(filters['jenjang']) : null
  return { state: STATES.find((state) => NAMES[state] === filters['keadaan']) ?? null, level }
}

export function filtersOf(wanted: Wanted): Filters {
  return { keadaan: wanted.state === null ? '' : NAMES[wanted.state], jenjang: wanted.level === null ? '' : String(wanted.level) }
}

/** Desks in a state, of one level or of all. */
export function numberOf(counts: readonly DeskCount[], state: DeskState | 'desks', level: number | null = null): number {
  return counts.filter((count) => level === null || count.level === level).reduce((total, count) => total + count[state], 0)
}

/** Whether no desk at all is kept: then nobody's is empty, there is no piket. */
export function isUnkept(counts: readonly DeskCount[]): boolean {
  return numberOf(counts, 'desks') > 0 && numberOf(counts, 'vacant') === numberOf(counts, 'desks')
}
