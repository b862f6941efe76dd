/** Whom to call about a TPS: the guards that the lists name with a telephone, for the desks that see it. */

import type { Api } from '../http.ts'

interface Guard {
  id: number
  name: string
  /** Null, too, for a seat that is not told. */
  phone: string | null
  posts: { place: string; left_at: string | null }[]
}

export interface Contact {
  id: number
  name: string
  phone: string
}

const PAGE = 500
/** Guards that are read for one list; of a region with more, the lists below it say them. */
const MOST = 3_000

/** By TPS; null where there are more than one list asks for. */
export async function contactsOf(api: Pick<Api, 'get'>, operation: number, code: string): Promise<ReadonlyMap<string, readonly Contact[]> | null> {
  const found = new Map<string, Contact[]>()
  let after: number | undefined
  for (let read = 0; read < MOST; read += PAGE) {
    const page = await api.get<{ rows: Guard[]; next: number | null }>(`/v1/regions/${code}/guards`, { operation, after, limit: PAGE })
    for (const { id, name, phone, posts } of page.rows) {
      if (phone === null) continue
      for (const { place, left_at } of posts) if (left_at === null) found.set(place, [...(found.get(place) ?? []), { id, name, phone }])
    }
    if (page.next === null) return found
    after = page.next
  }
  return null
}
