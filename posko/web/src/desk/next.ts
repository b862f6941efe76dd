import type { Person } from '../accounts.ts'
import { contains } from '../places.ts'

/** Whether somebody may sit at a desk now, as far as this seat sees their seats. */
export function mayKeep(person: Pick<Person, 'kind' | 'disabled_at' | 'seats'>, operation: number, code: string, now: number): boolean {
  if (person.kind !== 'person' || person.disabled_at !== null) return false
  return person.seats.some(
    (seat) =>
      (seat.role === 'operator' || seat.role === 'supervisor') &&
      (seat.operation === null || seat.operation === operation) &&
      seat.regions.some((region) => contains(region, code)) &&
      !(Date.parse(seat.starts_at) > now) &&
      (seat.ends_at === null || Date.parse(seat.ends_at) > now),
  )
}
