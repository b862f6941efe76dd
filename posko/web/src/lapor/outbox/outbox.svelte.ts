import { getContext, setContext } from 'svelte'
import type { Problem } from '../../wire.ts'
import { type Draft, type Item, NobodyHere, type Others } from './item.ts'

/**
 * `sepi` nothing to send · `mengirim` · `luring` no network · `menunggu` for its next try · `perlu_masuk` the session has
 * ended: it goes on by itself after signing in · `penuh` the phone has no room.
 */
export type OutboxStanding = 'sepi' | 'mengirim' | 'luring' | 'menunggu' | 'perlu_masuk' | 'penuh'

/** Everything that was filed on this phone by whoever is signed in, and the sending of it. */
export class Outbox {
  /** The newest first; the same in every tab. */
  items: Item[] = $state.raw([])
  standing: OutboxStanding = $state('sepi')
  /** When the next try is, milliseconds since 1970 by this phone's clock; null while none is waited for. */
  next_at: number | null = $state(null)
  /** What the server said last to the whole of what was sent, if it was no: why it is waited. */
  held: Problem | null = $state.raw(null)
  /** This phone's clock minus the server's, milliseconds; null until measured. */
  skew_ms: number | null = $state(null)
  others: Others[] = $state.raw([])

  /** Resolves when it is on disk. Rejects with StorageFull, PhotoUnreadable, NobodyHere. */
  file(_draft: Draft): Promise<Item> {
    return Promise.reject(new NobodyHere())
  }

  /** Tries now, whatever was waited for. */
  sendNow(): void {}

  /** Takes away what was refused; of anything else: nothing happens. */
  async forget(_id: string): Promise<void> {}

  /** Puts what was refused back into the queue, the same bytes: where what stood in its way may have gone. */
  async again(_id: string): Promise<void> {}

  /** A photo as it is kept here, until it has been sent. */
  photo(_id: string, _sha256: string): Promise<Blob | null> {
    return Promise.resolve(null)
  }
}

const KEY = Symbol('outbox')

export function provideOutbox(outbox: Outbox): Outbox {
  return setContext(KEY, outbox)
}

export function useOutbox(): Outbox {
  return getContext<Outbox>(KEY)
}
