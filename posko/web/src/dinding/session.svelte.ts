import { OperationSession } from '../live/operations.svelte.ts'
import { mayBeSignedIn } from '../page/signedInHere.ts'

/** The session of a wall: when it ends the screen says so, for a form to sign in tells nobody in the room what has happened. */
export class WallSession extends OperationSession {
  /** Since when, by this machine's clock, milliseconds since 1970. */
  endedAt: number | null = $state(null)

  override end(): void {
    this.forget()
    this.endedAt ??= Date.now()
  }

  /** Somebody signed in with this browser, perhaps in another window. */
  async again(): Promise<void> {
    if (this.endedAt === null || !mayBeSignedIn()) return
    await this.resume()
    if (this.session) this.endedAt = null
  }
}
