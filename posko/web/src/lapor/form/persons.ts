import { type Check, NAME_LIMIT, textChecks } from '../checks.ts'

export const PARTS = ['korban', 'saksi', 'terlapor', 'pelapor', 'petugas', 'lain'] as const

/** Somebody whom an incident names. */
export interface Named {
  part: string
  name: string
}

/** What stands in the way of sending names. */
export function personChecks(persons: readonly Named[]): Check[] {
  return persons.flatMap(({ name }, index) => textChecks(`person-${index}`, name, 1, NAME_LIMIT))
}
