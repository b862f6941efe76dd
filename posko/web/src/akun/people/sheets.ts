import type { Person } from '../../accounts.ts'
import type { Api } from '../../http.ts'
import type { Page } from '../../records.ts'

/** People of one order of enrolment sheets. */
export const SHEETS_LIMIT = 500
const PAGE = 200

/** Whether a sheet can be made: for a person who has a seat and may sign in. */
export function canEnrol(person: Pick<Person, 'kind' | 'disabled_at' | 'seats'>): boolean {
  return person.kind === 'person' && person.disabled_at === null && person.seats.length > 0
}

/** Everybody whom a search finds and a sheet can be made for, at most `SHEETS_LIMIT`. */
export async function allOf(api: Api, q: string): Promise<Person[]> {
  const found: Person[] = []
  let after: string | undefined
  do {
    const page = await api.get<Page<Person>>('/v1/accounts', { q, after, limit: PAGE })
    found.push(...page.rows.filter(canEnrol))
    after = page.next ?? undefined
  } while (after !== undefined && found.length < SHEETS_LIMIT)
  return found.slice(0, SHEETS_LIMIT)
}
