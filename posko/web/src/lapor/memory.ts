import type { Database } from './outbox/database.ts'
import { isFull } from './outbox/shelf.ts'

/** Something that the server said, and when it was fetched (milliseconds since 1970 by this phone's clock). */
export interface Known<T> {
  value: T
  fetched_at: number
}

/** What the server said to an account, kept on this phone to be shown without a network. */
export class Memory {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async recall<T>(account: number, name: string): Promise<Known<T> | null> {
    return ((await this.database.use((stores) => stores.get('known', keyOf(account, name)))) as Known<T> | undefined) ?? null
  }

  /** Keeps it as of now. Where there is no room it is only not kept. */
  async keep<T>(account: number, name: string, value: T): Promise<Known<T>> {
    const known = { value, fetched_at: Date.now() }
    await this.database
      .use((stores) => stores.put('known', known, keyOf(account, name)))
      .catch((error: unknown) => {
        if (!isFull(error)) throw error
      })
    return known
  }

  /** Forgets what was said to everybody else: it is not for who holds the phone now. */
  async forgetOthers(account: number): Promise<void> {
    await this.database.use(async (stores) => {
      const transaction = stores.transaction('known', 'readwrite')
      for (const key of await transaction.store.getAllKeys()) if (!key.startsWith(keyOf(account, ''))) await transaction.store.delete(key)
      await transaction.done
    })
  }
}

function keyOf(account: number, name: string): string {
  return `${account} ${name}`
}
