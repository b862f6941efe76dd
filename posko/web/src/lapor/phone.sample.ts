import type { Database, Stores } from './outbox/database.ts'

type Rows = Map<string, unknown>

/** What a page finds on a phone, for tests without a browser: a store that keeps its rows in memory, and may be full. */
export class SamplePhone {
  isFull = false
  private readonly rows: Record<string, Rows> = { items: new Map(), films: new Map(), notes: new Map(), known: new Map(), begun: new Map(), begunFilms: new Map() }
  private order = 0

  constructor() {
    const kept = new Map<string, string>()
    const nothing = (): undefined => undefined
    Object.assign(globalThis, {
      localStorage: { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) },
      addEventListener: nothing,
      matchMedia: () => ({ matches: false }),
      document: { visibilityState: 'visible', addEventListener: nothing },
      location: { pathname: '/lapor/', search: '', hash: '', replace: nothing },
    })
    // What a page waits for, for as long as it is open, does not keep a test from ending.
    const { setTimeout: later, BroadcastChannel: Channel } = globalThis
    class Quiet extends Channel {
      constructor(name: string) {
        super(name)
        ;(this as unknown as { unref(): void }).unref()
      }
    }
    Object.assign(globalThis, { BroadcastChannel: Quiet, setTimeout: (work: () => void, ms: number) => later(work, ms).unref() })
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { onLine: true, locks: { request: async (_: string, work: () => Promise<void>) => work() } } })
  }

  /** Puts a database on this phone. */
  hold(database: Database): void {
    database.use = (work) => work(this.stores as unknown as Stores)
  }

  keys(store: string): string[] {
    return [...this.in(store).keys()].sort()
  }

  /** Loses what is kept under names that begin so. */
  lose(store: string, prefix: string): void {
    for (const key of this.in(store).keys()) if (key.startsWith(prefix)) this.in(store).delete(key)
  }

  private readonly stores = {
    get: async (store: string, key: unknown) => this.in(store).get(String(key)),
    getKey: async (store: string, key: unknown) => (this.in(store).has(String(key)) ? key : undefined),
    put: async (store: string, value: object, key?: unknown) => void this.write(store, key === undefined ? keyOf(store, value) : String(key), value),
    delete: async (store: string, key: unknown) => void this.in(store).delete(String(key)),
    clear: async (store: string) => this.in(store).clear(),
    getAll: async (store: string) => [...this.in(store).values()],
    getAllFromIndex: async (store: string, index: string, wanted: unknown) => this.by(store, index, wanted),
    getFromIndex: async (store: string, index: string, wanted: unknown) => this.by(store, index, wanted)[0],
    transaction: (names: string | string[]) => {
      const before = [names].flat().map((name) => [name, new Map(this.in(name))] as const)
      // What ends one write of it undoes the whole, and nothing is written after.
      let isUndone = false
      const undo = (): void => {
        isUndone = true
        for (const [name, rows] of before) this.rows[name] = rows
      }
      const objectStore = (name: string) => this.store(name, () => isUndone, undo)
      return { objectStore, store: objectStore([names].flat()[0] ?? ''), commit: () => undefined, done: Promise.resolve(), error: null }
    },
  }

  private store(name: string, isUndone: () => boolean, undo: () => void) {
    const write = (key: string, value: unknown): void => {
      try {
        this.write(name, key, value)
      } catch (error) {
        undo()
        throw error
      }
    }
    const index = (of: string) => ({ get: async (wanted: unknown) => this.by(name, of, wanted)[0], getAll: async (wanted: unknown) => this.by(name, of, wanted) })
    return {
      index,
      getAll: async () => [...this.in(name).values()],
      getAllKeys: async () => (name === 'films' ? [...this.in(name).keys()].map((key) => key.split(',')) : [...this.in(name).keys()]),
      delete: async (key: unknown) => void (isUndone() || this.in(name).delete(String(key))),
      add: async (value: object) => {
        const order = (this.order += 1)
        if (this.in(name).has(keyOf(name, { ...value, order })) || (name === 'items' && this.by(name, 'id', (value as { id?: string }).id).length > 0)) {
          undo()
          throw new DOMException('it is known', 'ConstraintError')
        }
        write(keyOf(name, { ...value, order }), { ...value, order })
        return order
      },
      put: async (value: object, key?: unknown) => write(key === undefined ? keyOf(name, value) : String(key), value),
    }
  }

  private in(store: string): Rows {
    return (this.rows[store] ??= new Map())
  }

  private by(store: string, index: string, wanted: unknown): unknown[] {
    return [...this.in(store).values()].filter((row) => (row as Record<string, unknown>)[index] === wanted)
  }

  private write(store: string, key: string, value: unknown): void {
    if (this.isFull) throw new DOMException('there is no room', 'QuotaExceededError')
    this.in(store).set(key, structuredClone(value))
  }
}

function keyOf(store: string, value: { id?: string; sha256?: string; key?: string; order?: number }): string {
  return store === 'films' ? `${value.id},${value.sha256}` : (value.key ?? String(value.order))
}
