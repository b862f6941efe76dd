import type { Desk, Person } from '../accounts.ts'
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

/** Somebody who may be next, as the form offers them. */
export interface Next {
  username: string
  full_name: string
}

/** Whoever is known to sit at these desks, or to have sat there: each once, without oneself. */
export function peopleOf(desks: readonly Pick<Desk, 'on_duty' | 'recent'>[], others: readonly Next[], me: string): Next[] {
  const known = [...desks.flatMap(({ on_duty, recent }) => [...on_duty, ...recent]), ...others]
  const once = new Map<string, Next>()
  for (const { username, full_name } of known) if (username !== me && !once.has(username)) once.set(username, { username, full_name })
  return [...once.values()]
}
