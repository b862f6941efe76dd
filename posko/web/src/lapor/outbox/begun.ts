import type { IDBPObjectStore } from 'idb'
import type { BegunFilms, BegunForm, Database, Film, Schema } from './database.ts'
import type { Recorded } from './item.ts'
import { isKnown } from './shelf.ts'

/** Nobody's yesterday comes back: by then it is another hour, and the day of the operation is over. */
export const BEGUN_KEPT_MS = 24 * 3_600_000
/** Forms of one phone; over it the one that was begun first goes. */
export const BEGUN_LIMIT = 12
/** What is longer is no form of ours. */
const LIMIT_CHARS = 64 * 1024

/** What was begun, as it comes back. */
export interface Returned {
  fields: Record<string, unknown>
  /** Null: as the form began. */
  films: { photos: Blob[]; voice: Recorded | null } | null
  /** Photos or the voice note had no room. */
  isLess: boolean
  begun_at: number
  /** The id of the report that it becomes; null: it has none yet. */
  report: string | null
}

/** The forms that somebody has begun on this phone and not sent, in IndexedDB beside the outbox. Never sent from here. */
export class BegunForms {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async recall(key: string, now = Date.now()): Promise<Returned | null> {
    const [form, films] = await this.database.use((stores) => Promise.all([stores.get('begun', key), stores.get('begunFilms', key)]))
    if (!form || isOld(form, now)) return null
    const photos = films?.photos.map(blobOf) ?? []
    const voice = films?.voice ? { data: blobOf(films.voice), seconds: films.voice.seconds } : null
    return { fields: form.fields, films: form.films === null ? null : { photos, voice }, isLess: (form.films ?? 0) > photos.length + Number(voice !== null), begun_at: form.begun_at, report: form.report ?? null }
  }

  /**
   * Writes down a form that is begun. Where another tab has begun the same one meanwhile, both are about one report: answers
   * which. Rejects where there is no room.
   */
  async begin(form: BegunForm & { report: string }, now = Date.now()): Promise<string> {
    try {
      await this.writing('begun', (store) => store.add(form))
      return form.report
    } catch (error) {
      if (!isKnown(error)) throw error
      const other = await this.database.use((stores) => stores.get('begun', form.key))
      const report = (other && !isOld(other, now) && other.report) || form.report
      await this.keep({ ...form, report })
      return report
    }
  }

  /** Writes down how a form stands; `films`: what to keep of photos and voice, left out where that is written already. Rejects where there is no room. */
  async keep(form: BegunForm, films?: Omit<BegunFilms, 'key'>): Promise<void> {
    const { key } = form
    if (JSON.stringify(form.fields).length > LIMIT_CHARS) return
    // Apart: what was written has room where photos have none.
    await Promise.all([
      this.writing('begun', (store) => store.put(form)),
      form.films === null ? this.writing('begunFilms', (store) => store.delete(key)) : films && this.writing('begunFilms', (store) => store.put({ key, ...films })),
    ])
  }

  /** Whether the photos and the voice note of a form that is kept had to make room: they go first where something else finds none. */
  async hasLostFilms(key: string): Promise<boolean> {
    const [form, films] = await this.database.use((stores) => Promise.all([stores.getKey('begun', key), stores.getKey('begunFilms', key)]))
    return form !== undefined && films === undefined
  }

  private writing<S extends 'begun' | 'begunFilms'>(name: S, work: (store: IDBPObjectStore<Schema, [S], S, 'readwrite'>) => Promise<unknown>): Promise<void> {
    return this.database.use(async (stores) => {
      const transaction = stores.transaction(name, 'readwrite')
      const done = work(transaction.store)
      // At once: a page that is put away hears no more of it.
      transaction.commit()
      await Promise.all([done, transaction.done])
    })
  }

  async forget(...keys: string[]): Promise<void> {
    for (const key of keys) {
      await this.database.use(async (stores) => {
        const transaction = stores.transaction(['begun', 'begunFilms'], 'readwrite')
        await Promise.all([transaction.objectStore('begun').delete(key), transaction.objectStore('begunFilms').delete(key), transaction.done])
      })
    }
  }

  /** How many there are of an account. */
  async count(account: number, now = Date.now()): Promise<number> {
    return (await this.all()).filter((form) => form.account === account && !isOld(form, now)).length
  }

  /** Takes away what is old, what is over the limit, and what others began: it is not for who holds the phone now. */
  async sweep(account: number, now = Date.now()): Promise<void> {
    const all = (await this.all()).sort((a, b) => b.begun_at - a.begun_at)
    await this.forget(...all.filter((form, n) => form.account !== account || isOld(form, now) || n >= BEGUN_LIMIT).map(({ key }) => key))
  }

  private all(): Promise<BegunForm[]> {
    return this.database.use((stores) => stores.getAll('begun'))
  }
}

/** Whoever sets the clock far back has no forms of the future either. */
function isOld({ begun_at }: BegunForm, now: number): boolean {
  return Math.abs(now - begun_at) > BEGUN_KEPT_MS
}

function blobOf({ type, data }: Pick<Film, 'type' | 'data'>): Blob {
  return new Blob([data], { type })
}
