import type { DBSchema, IDBPDatabase } from 'idb'
import type { Skew } from './clock.ts'
import type { KeptAct } from './act.ts'
import type { Kept } from './kept.ts'
import type { Line } from './queue.ts'

/** Who was signed in here last. */
export interface Who {
  account: number
  name: string
}

/** A photo or voice note that has not been sent. Bytes, not a Blob: Safari has lost the files behind kept Blobs. */
export interface Film {
  id: string
  sha256: string
  type: string
  data: ArrayBuffer
}

/** The same before it belongs to a report. */
export type Filmed = Omit<Film, 'id'>

/** What somebody has begun to fill in and not sent; the photos and the voice note of it lie beside. */
export interface BegunForm {
  key: string
  account: number
  /** The id of the report that it becomes, in every tab; of forms that were begun before there was one: none. */
  report?: string
  /** What was written or chosen, by field. */
  fields: Record<string, unknown>
  /** How many photos and voice notes there were; null: as the form began. */
  films: number | null
  /** Milliseconds since 1970 by this phone's clock. */
  begun_at: number
}

export interface BegunFilms {
  key: string
  photos: Pick<Film, 'type' | 'data'>[]
  voice: (Pick<Film, 'type' | 'data'> & { seconds: number }) | null
}

/** What there is one of. */
export interface Notes {
  who: Who
  skew: Skew
  line: Line
  /** The account whose session had ended when it was sent last. */
  needs_sign_in: number
  /** The server asked that photos be quiet until then. */
  photos_until: number
  lease: { holder: string; until: number }
}

export interface Schema extends DBSchema {
  items: { key: number; value: Kept; indexes: { id: string; account: number; standing: string } }
  films: { key: [string, string]; value: Film }
  acts: { key: number; value: KeptAct; indexes: { account: number } }
  begun: { key: string; value: BegunForm }
  begunFilms: { key: string; value: BegunFilms }
  notes: { key: keyof Notes; value: Notes[keyof Notes] }
  known: { key: string; value: { value: unknown; fetched_at: number } }
}

export type Stores = IDBPDatabase<Schema>

/** What is told while the stores are open. */
export interface StoresEvents {
  blocked: () => void
  /** Another tab waits for these to be closed. */
  blocking: (stores: IDBDatabase) => void
  terminated: () => void
}

/**
 * The phone's own memory. A browser may throw it away when room is short, unless it was asked to persist and agreed;
 * iOS Safari does so after seven days without a visit, unless the page is on the home screen. So it holds what is on its
 * way, and nothing that the server does not get at the first chance.
 */
export class Database {
  private readonly open: (events: StoresEvents) => Promise<Stores>
  private opening: Promise<Stores> | null = null
  /** Told when another tab, of a build before, keeps the stores from being opened, and when it does no more. */
  onBlocked: (isBlocked: boolean) => void = () => undefined

  constructor(open: (events: StoresEvents) => Promise<Stores>) {
    this.open = open
  }

  /** Does something with the stores; once more where the browser had dropped the connection (iOS does, asleep). */
  async use<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    try {
      return await work(await this.opened())
    } catch (error) {
      if (!(error instanceof DOMException) || (error.name !== 'InvalidStateError' && error.name !== 'UnknownError')) throw error
      this.opening = null
      return work(await this.opened())
    }
  }

  private opened(): Promise<Stores> {
    const opening = (this.opening ??= this.open({
      blocked: () => this.onBlocked(true),
      blocking: (stores) => {
        this.opening = null
        stores.close()
      },
      terminated: () => (this.opening = null),
    }))
    opening.then(
      () => this.onBlocked(false),
      () => (this.opening = null),
    )
    return opening
  }
}
