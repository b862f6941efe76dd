import { type Api, Refusal } from '../http.ts'

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

/** TPS that the server is asked about at once. */
const ASKED = 100
const PAGE = 500

/** Whom to call about the TPS that are shown of a region: the guards that the lists name with a telephone. */
export class PhoneBook {
  found: ReadonlyMap<string, readonly Contact[]> = $state.raw(new Map())
  /** TPS of which it could not be read. */
  missing: readonly string[] = $state.raw([])
  private readonly api: Pick<Api, 'get'>
  private readonly operation: number
  private readonly code: string

  constructor(api: Pick<Api, 'get'>, operation: number, code: string) {
    this.api = api
    this.operation = operation
    this.code = code
  }

  async read(places: readonly string[]): Promise<void> {
    for (let at = 0; at < places.length; at += ASKED) await this.ask(places.slice(at, at + ASKED))
  }

  retry(): Promise<void> {
    return this.read(this.missing)
  }

  private async ask(places: readonly string[]): Promise<void> {
    const isAsked = new Set(places)
    try {
      const found = new Map<string, Contact[]>(places.map((place) => [place, []]))
      for (const { id, name, phone, posts } of await this.guardsOf(places)) {
        if (phone === null) continue
        for (const { place, left_at } of posts) if (left_at === null) found.get(place)?.push({ id, name, phone })
      }
      this.found = new Map<string, readonly Contact[]>([...this.found, ...found])
      this.missing = this.missing.filter((place) => !isAsked.has(place))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.missing = [...this.missing.filter((place) => !isAsked.has(place)), ...places]
    }
  }

  private async guardsOf(places: readonly string[]): Promise<Guard[]> {
    const found: Guard[] = []
    for (let after: number | null = 0; after !== null; ) {
      const asked = new URLSearchParams([['operation', String(this.operation)], ['limit', String(PAGE)], ...places.map((place) => ['tps', place])])
      if (after > 0) asked.set('after', String(after))
      const page: { rows: Guard[]; next: number | null } = await this.api.get(`/v1/regions/${this.code}/guards?${asked}`)
      found.push(...page.rows)
      after = page.next
    }
    return found
  }
}
