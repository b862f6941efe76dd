import { openDB } from 'idb'
import type { Schema, Stores, StoresEvents } from './database.ts'

const NAME = 'posko-lapor'
const VERSION = 3

/** Opens the stores of this phone, and makes what is missing of them. */
export function openStores(events: StoresEvents): Promise<Stores> {
  return openDB<Schema>(NAME, VERSION, {
    upgrade(stores, before) {
      stores.createObjectStore('begun', { keyPath: 'key' })
      stores.createObjectStore('begunFilms', { keyPath: 'key' })
      if (before === 2) return
      stores.createObjectStore('acts', { keyPath: 'order', autoIncrement: true }).createIndex('account', 'account')
      if (before === 1) return
      const items = stores.createObjectStore('items', { keyPath: 'order', autoIncrement: true })
      items.createIndex('id', 'id', { unique: true })
      items.createIndex('account', 'account')
      items.createIndex('standing', 'standing')
      stores.createObjectStore('films', { keyPath: ['id', 'sha256'] })
      stores.createObjectStore('notes')
      stores.createObjectStore('known')
    },
    blocked: events.blocked,
    blocking: (_current, _wanted, event) => events.blocking(event.target as IDBDatabase),
    terminated: events.terminated,
  })
}
