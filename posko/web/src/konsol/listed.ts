import { type Filters, toView } from '../routes.ts'

/** A list of TPS behind a number: of which counter, at which region. */
export interface Listed {
  counter: string
  code: string
}

/** Those of a list that somebody has chosen, on their way to the form. */
export interface Chosen extends Listed {
  places: readonly string[]
}

/** The address of a directive to the TPS of a list, from the desk where somebody sits. */
export function toDirective(operation: number, desk: string, list: Listed): string {
  return toView(operation, desk, 'arahan', 'tulis', { daftar: list.counter, di: list.code === desk ? '' : list.code })
}

/** The list that such an address names. */
export function listIn(filters: Filters, desk: string): Listed | null {
  const counter = filters['daftar']
  return counter ? { counter, code: filters['di'] ?? desk } : null
}
