import type { IDBPTransaction } from 'idb'
import { type FreshAct, type KeptAct, nextActs } from './act.ts'
import type { Database, Film, Notes, Schema, Stores, Who } from './database.ts'
import { FiledAlready, StorageFull } from './item.ts'
import type { Kept, KeptPhoto } from './kept.ts'
import { FRESH, type Line, photosAt } from './queue.ts'

/** Accepted items that are kept to look at; the server has them all. */
export const RECEIPTS_LIMIT = 500
/** How many are left of them when the disk is full: first most of them go, then all. */
const RECEIPTS_WHEN_FULL = [50, 0]

/** What the server has long taken is not looked at any more: by then the directive says so itself. */
const ACTS_KEPT_MS = 24 * 3_600_000

export type Fresh = Omit<Kept, 'order'>
type Both = IDBPTransaction<Schema, ('items' | 'films')[], 'readwrite'>
const FILED = ['items', 'films', 'begun', 'begunFilms'] as const

/** The items as they lie in IndexedDB. What was not sent is never taken away. */
export class Shelf {
  protected readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  /** Puts an item and its photos on disk, whole or not at all, and takes the form away that it was filled in with. Rejects with StorageFull, FiledAlready. */
  add(item: Fresh, films: readonly Film[], begun: string | null): Promise<Kept> {
    const adding = this.making(async () => ({ ...item, order: await this.database.use((stores) => put(stores, item, films, begun)) }))
    return adding.catch((error: unknown) => {
      throw isKnown(error) ? new FiledAlready() : error
    })
  }

  /** Writes; where there is no room, makes some of what the server has long had and of what is not sent yet, and writes again. */
  protected async making<T>(write: () => Promise<T>): Promise<T> {
    for (const left of RECEIPTS_WHEN_FULL) {
      try {
        return await write()
      } catch (error) {
        if (!isFull(error)) throw error
        await this.trim(left)
        await this.database.use((stores) => stores.clear('begunFilms'))
      }
    }
    try {
      return await write()
    } catch (error) {
      throw isFull(error) ? new StorageFull() : error
    }
  }

  /** Everything of an account, the newest first. */
  async of(account: number): Promise<Kept[]> {
    const found = await this.database.use((stores) => stores.getAllFromIndex('items', 'account', account))
    return found.sort((a, b) => b.order - a.order)
  }

  /** What has no answer yet, of everybody, the oldest first. */
  unsent(): Promise<Kept[]> {
    return this.database.use(async (stores) => {
      const found = await Promise.all([stores.getAllFromIndex('items', 'standing', 'antre'), stores.getAllFromIndex('items', 'standing', 'terkirim')])
      return found.flat().sort((a, b) => a.order - b.order)
    })
  }

  find(id: string): Promise<Kept | undefined> {
    return this.database.use((stores) => stores.getFromIndex('items', 'id', id))
  }

  /** Changes items, each as it is on disk now; null leaves one alone. Rejects with StorageFull. */
  change(ids: readonly string[], how: (item: Kept) => Kept | null): Promise<void> {
    return this.making(() => this.database.use((stores) => alter(stores, ids, how)))
  }

  /** Takes a refused item away, with its photos. */
  forget(id: string): Promise<void> {
    return this.database.use(async (stores) => {
      const transaction = stores.transaction(['items', 'films'], 'readwrite')
      const item = await transaction.objectStore('items').index('id').get(id)
      if (item?.standing === 'ditolak') await remove(transaction, item)
      await transaction.done
    })
  }

  /** Takes the oldest accepted items away that have nothing left to send, until `left` of them remain. */
  trim(left: number = RECEIPTS_LIMIT): Promise<void> {
    return this.database.use(async (stores) => {
      const transaction = stores.transaction(['items', 'films'], 'readwrite')
      const accepted = await transaction.objectStore('items').index('standing').getAll('diterima')
      const done = accepted.filter(({ photos }) => !photos.some(({ standing }) => standing === 'antre')).sort((a, b) => b.order - a.order)
      for (const item of done.slice(left)) await remove(transaction, item)
      await transaction.done
    })
  }

  /** The photo that is sent next of an account's accepted items, and when at the earliest. */
  nextPhoto(account: number): Promise<{ item: Kept; photo: KeptPhoto } | null> {
    return this.database.use(async (stores) => {
      const transaction = stores.transaction(['items', 'films'])
      let next: { item: Kept; photo: KeptPhoto } | null = null
      for (const [id, sha256] of await transaction.objectStore('films').getAllKeys()) {
        const item = await transaction.objectStore('items').index('id').get(id)
        const photo = item?.photos.find((one) => one.sha256 === sha256)
        if (item?.account !== account || item.standing !== 'diterima' || photo?.standing !== 'antre') continue
        if (next === null || photo.next_at < next.photo.next_at) next = { item, photo }
      }
      return next
    })
  }

  /** What an account has said to directives, the oldest first. */
  acts(account: number): Promise<KeptAct[]> {
    return this.database.use((stores) => stores.getAllFromIndex('acts', 'account', account))
  }

  /** Puts what is said to a directive on disk; what was taken long ago goes. Rejects with StorageFull. */
  addAct(act: FreshAct, now: number): Promise<void> {
    return this.making(() =>
      this.database.use(async (stores) => {
        const transaction = stores.transaction('acts', 'readwrite', { durability: 'strict' })
        const known = await transaction.store.getAll()
        for (const { order, done_at } of known) if (done_at !== null && now - done_at > ACTS_KEPT_MS) await transaction.store.delete(order)
        const isSaid = known.some((one) => one.account === act.account && one.directive === act.directive && one.place === act.place && one.act === act.act && one.body === act.body && one.standing !== 'ditolak')
        if (!isSaid) await transaction.store.add(act as KeptAct)
        await transaction.done
      }),
    )
  }

  /** Takes what was refused away. */
  async forgetAct(order: number): Promise<void> {
    await this.database.use((stores) => stores.delete('acts', order))
  }

  film(id: string, sha256: string): Promise<Film | undefined> {
    return this.database.use((stores) => stores.get('films', [id, sha256]))
  }

  async note<K extends keyof Notes>(name: K): Promise<Notes[K] | null> {
    return ((await this.database.use((stores) => stores.get('notes', name))) as Notes[K] | undefined) ?? null
  }

  async write<K extends keyof Notes>(name: K, value: Notes[K] | null): Promise<void> {
    await this.database.use((stores) => (value === null ? stores.delete('notes', name) : stores.put('notes', value, name).then(() => undefined)))
  }

  async line(): Promise<Line> {
    return (await this.note('line')) ?? FRESH
  }

  who(): Promise<Who | null> {
    return this.note('who')
  }

  /** Notes who is signed in; whether that is new. Rejects with StorageFull. */
  async belongTo(who: Who): Promise<boolean> {
    const [before, needs] = await Promise.all([this.who(), this.note('needs_sign_in')])
    if (before?.account === who.account && needs === null) return false
    try {
      await this.write('who', who)
      await this.write('needs_sign_in', null)
    } catch (error) {
      throw isFull(error) ? new StorageFull() : error
    }
    return true
  }

  /** When there is something to send for an account by itself; null: nothing, or only after signing in. */
  async nextAt({ account }: Who): Promise<number | null> {
    if ((await this.note('needs_sign_in')) === account) return null
    const [line, until, unsent, photo, acts] = await Promise.all([this.line(), this.note('photos_until'), this.unsent(), this.nextPhoto(account), this.acts(account)])
    const due = unsent.filter((item) => item.account === account).map(({ next_at }) => Math.max(line.next_at, next_at ?? 0))
    due.push(...nextActs(acts).map((act) => Math.max(line.next_at, act.next_at ?? 0)))
    if (photo) due.push(photosAt(line, until, photo.photo.next_at))
    return due.length > 0 ? Math.min(...due) : null
  }
}

async function put(stores: Stores, item: Fresh, films: readonly Film[], begun: string | null): Promise<number> {
  // Strict: on disk when it resolves, so that a battery that dies takes nothing with it.
  const transaction = stores.transaction(FILED, 'readwrite', { durability: 'strict' })
  const writes: Promise<unknown>[] = [transaction.objectStore('items').add(item as Kept), ...films.map((film) => transaction.objectStore('films').add(film))]
  if (begun !== null) for (const store of ['begun', 'begunFilms'] as const) writes.push(transaction.objectStore(store).delete(begun))
  try {
    const [order] = await Promise.all([...writes, transaction.done])
    return order as number
  } catch (error) {
    // What ended the whole says more than what ended one write of it.
    throw transaction.error ?? error
  }
}

async function alter(stores: Stores, ids: readonly string[], how: (item: Kept) => Kept | null): Promise<void> {
  const transaction = stores.transaction('items', 'readwrite')
  try {
    for (const id of ids) {
      const item = await transaction.store.index('id').get(id)
      const changed = item && how(item)
      if (changed) await transaction.store.put(changed)
    }
    await transaction.done
  } catch (error) {
    transaction.done.catch(() => undefined)
    throw transaction.error ?? error
  }
}

async function remove(transaction: Both, item: Kept): Promise<void> {
  for (const { sha256 } of item.photos) await transaction.objectStore('films').delete([item.id, sha256])
  await transaction.objectStore('items').delete(item.order)
}

/** Something of that key, or with that id, is here already. */
export function isKnown(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'ConstraintError'
}

export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}
