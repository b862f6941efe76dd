import type { Database } from './database.ts'
import { StorageFull } from './item.ts'
import type { Sender } from './sender.ts'

/** After a round that broke (the disk is full, the browser took the store away). */
const BROKEN_MS = 30_000
/** The longest that a timer is trusted: a phone that slept is looked at when it wakes. */
const LONGEST_TIMER_MS = 600_000

/** When it is sent: one round at a time, as soon as somebody wants it and there is a network. */
export class Rounds {
  isOnline = $state(navigator.onLine)
  /** The phone has no room for what was to be written. */
  isFull = $state(false)
  /** When the next try is, milliseconds since 1970 by this phone's clock; null while none is waited for. */
  next_at: number | null = $state(null)
  private readonly database: Database
  private readonly look: () => Promise<void>
  private readonly changed: () => Promise<void>
  private sender: Sender | null = null
  private wanted: 'no' | 'yes' | 'urged' = 'no'
  private isSending = false
  private timer: ReturnType<typeof setTimeout> | undefined

  /** `look`: reads the shelf, and sets `next_at` by it; `changed`: something on it is new. */
  constructor(database: Database, look: () => Promise<void>, changed: () => Promise<void>) {
    this.database = database
    this.look = look
    this.changed = changed
  }

  /** Sends as soon as it is this tab's turn; one round at a time. */
  wake(how: 'yes' | 'urged'): void {
    if (this.wanted !== 'urged') this.wanted = how
    if (!this.isSending) void this.send()
  }

  /** The shelf was looked at: somebody may have put something there, and be gone before it is sent. */
  wait(): void {
    if (!this.isSending) this.setTimer(this.next_at)
  }

  /** A report wants the line: the photo that has it waits. */
  makeWay(): void {
    this.sender?.makeWay()
  }

  /** What a tab left that died is queued again: that takes no network. */
  async settle(): Promise<void> {
    await (await this.fetchSender())?.settle()
  }

  private async send(): Promise<void> {
    this.isSending = true
    clearTimeout(this.timer)
    let broken_at: number | null = null
    while (this.wanted !== 'no' && this.isOnline && broken_at === null) {
      const isUrged = this.wanted === 'urged'
      this.wanted = 'no'
      try {
        const sender = await this.fetchSender()
        if (sender === null) broken_at = Date.now() + BROKEN_MS
        await sender?.round(isUrged)
        this.isFull = false
      } catch (error) {
        broken_at = Date.now() + BROKEN_MS
        this.isFull = error instanceof StorageFull
        if (!this.isFull) console.error(error)
      }
    }
    await this.look().catch((error: unknown) => console.error(error))
    this.isSending = false
    if (this.wanted !== 'no' && this.isOnline && broken_at === null) return this.send()
    this.setTimer(broken_at ?? this.next_at)
  }

  /** What sends comes after the page is there; null: it could not be fetched, and is asked for again with the next try. */
  private async fetchSender(): Promise<Sender | null> {
    if (this.sender) return this.sender
    try {
      const { senderOf } = await import('./sender.ts')
      return (this.sender ??= senderOf(this.database, () => void this.changed()))
    } catch {
      return null
    }
  }

  private setTimer(at: number | null): void {
    clearTimeout(this.timer)
    if (at !== null && this.isOnline) this.timer = setTimeout(() => this.wake('yes'), Math.min(Math.max(0, at - Date.now()), LONGEST_TIMER_MS))
  }
}
