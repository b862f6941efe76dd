/** A directive to the TPS behind a number: who they are, and what it asks of them at first. */

import type { Api } from '../../http.ts'
import { contains } from '../../places.ts'
import type { BehindPage, OperationDetail } from '../../records.ts'
import type { Words } from '../../words.ts'
import type { Listed } from '../listed.ts'
import { nameOfMilestone, plannedIn } from '../naming.ts'
import type { Draft } from './draft.ts'

/** As many as a directive names one by one. */
export const PLACES_LIMIT = 5_000
const PAGE = 500

export interface Ordered {
  codes: string[]
  /** No more than these: the list goes on. */
  isWhole: boolean
}

/** The places of a list as it is now, below the desk that the directive is from. */
export async function orderedIn(api: Pick<Api, 'get'>, operation: number, { counter, code }: Listed, desk: string): Promise<Ordered> {
  const codes: string[] = []
  let after: string | undefined
  for (;;) {
    const page = await api.get<BehindPage>(`/v1/regions/${code}/tps`, { operation, counter, after, limit: PAGE })
    // A region stands in such a list with what was filed for itself: a desk orders nothing of itself.
    codes.push(...page.places.map((place) => place.code).filter((place) => place !== desk && contains(desk, place)))
    if (page.next === null) return { codes: codes.slice(0, PLACES_LIMIT), isWhole: codes.length <= PLACES_LIMIT }
    if (codes.length >= PLACES_LIMIT) return { codes: codes.slice(0, PLACES_LIMIT), isWhole: false }
    after = page.next
  }
}

const ASKS = { unreported: 'laksanakan', overdue: 'laksanakan', unreachable: 'laksanakan', late: 'jawab', not_possible: 'jawab' } as const

/** What to ask of the TPS of a list, to begin with: nothing where the number does not say. */
export function askedOf(words: Words, operation: OperationDetail, counter: string): Pick<Draft, 'requires' | 'text'> | null {
  if (counter === 'uncovered') return { requires: 'laksanakan', text: words.say('write.list.text.uncovered') }
  const [head, code = '', part = ''] = counter.split('.')
  const milestone = operation.milestones.find((known) => known.code === code)
  if (head !== 'milestone' || !milestone || !(part in ASKS)) return null
  const said = { what: nameOfMilestone(words, operation, code), planned: plannedIn(words, milestone) }
  return { requires: ASKS[part as keyof typeof ASKS], text: words.say(`write.list.text.${part}`, said) }
}

/** Whether two lists hold the same places, in whatever order. */
export function areSame(one: readonly string[], other: readonly string[]): boolean {
  const known = new Set(one)
  return known.size === new Set(other).size && other.every((code) => known.has(code))
}
