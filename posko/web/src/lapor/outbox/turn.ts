import { uuid7 } from '../../uuid7.ts'
import type { Database } from './database.ts'

const NAME = 'posko.lapor.kirim'
/** Without Web Locks (browsers that lend them to nobody, as some in-app views): a lease in IndexedDB, which ends by itself when its tab dies. */
const LEASE_MS = 15_000
const LOOK_MS = 2_000
/** A tab that the system froze in the middle of its turn (iOS does) has lost it after this. */
const STUCK_MS = 240_000

/**
 * One tab sends at a time. This is thrift and order, not what keeps a report from being filed twice: that is its id. So a
 * turn may be taken away, and who had it may wake up and go on: the answers are the same.
 */
export class Turn {
  private readonly database: Database
  private readonly holder = uuid7()

  constructor(database: Database) {
    this.database = database
  }

  /** Waits for this tab's turn, and does the work in it. */
  async take(work: () => Promise<void>): Promise<void> {
    if ('locks' in navigator) await this.byLock(work)
    else await this.byLease(work)
  }

  private async byLock(work: () => Promise<void>): Promise<void> {
    let hasBegun = false
    const steal = setTimeout(() => {
      if (!hasBegun) void navigator.locks.request(NAME, { steal: true }, () => undefined).catch(() => undefined)
    }, STUCK_MS)
    try {
      await navigator.locks.request(NAME, async () => {
        hasBegun = true
        await work()
      })
    } catch (error) {
      // It was taken from us: what we were doing is done again by who took it.
      if (!(error instanceof DOMException) || error.name !== 'AbortError') throw error
    } finally {
      clearTimeout(steal)
    }
  }

  private async byLease(work: () => Promise<void>): Promise<void> {
    while (!(await this.lease(true))) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    const renewing = setInterval(() => void this.lease(true), LEASE_MS / 3)
    try {
      await work()
    } finally {
      clearInterval(renewing)
      await this.lease(false)
    }
  }

  /** Takes or renews the lease, or gives it back; whether it is ours. */
  private lease(isWanted: boolean): Promise<boolean> {
    return this.database.use(async (stores) => {
      const transaction = stores.transaction('notes', 'readwrite')
      const lease = (await transaction.store.get('lease')) as { holder: string; until: number } | undefined
      const isOurs = lease?.holder === this.holder
      const isFree = lease === undefined || isOurs || lease.until < Date.now()
      if (isWanted && isFree) await transaction.store.put({ holder: this.holder, until: Date.now() + LEASE_MS }, 'lease')
      if (!isWanted && isOurs) await transaction.store.delete('lease')
      await transaction.done
      return isFree
    })
  }
}
