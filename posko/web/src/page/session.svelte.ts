import { getContext, setContext } from 'svelte'
import type { Session } from '../accounts.ts'
import { doorFrom } from '../destination.ts'
import { Api, Refusal } from '../http.ts'
import { hasEndedHere, mayBeSignedIn, noteEnded, noteSignedIn, noteSignedOut } from './signedInHere.ts'

/** Who is signed in here, on a page that needs somebody to be. */
export class SignedIn {
  readonly api = new Api()
  session: Session | null = $state.raw(null)
  /** Nothing is known yet: the session is being asked for. */
  isResuming = $state(true)
  problem: Refusal | null = $state.raw(null)
  /** Signing out did not reach the server: the session goes on. */
  isStillIn = $state(false)
  protected isLeaving = false

  constructor() {
    this.api.onTurnedAway = (code) => (code === 'enrol-first' ? this.enrolFirst() : this.end())
  }

  /** Takes up the session of this browser; without one the visitor goes to sign in, and comes back. */
  async resume(): Promise<void> {
    if (!mayBeSignedIn()) return this.leave(hasEndedHere() ? 'berakhir' : undefined)
    this.problem = null
    try {
      const session = await this.api.get<Session>('/v1/sessions/current')
      if (session.must_enrol) return this.enrolFirst()
      await this.enter(session)
      this.isResuming = false
    } catch (error) {
      this.isResuming = false
      this.fail(error)
    }
  }

  /** The session as it is now: another seat, or just stepped up. */
  take(session: Session): void {
    this.session = session
  }

  async signOut(): Promise<void> {
    try {
      await this.api.delete('/v1/sessions/current')
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.isStillIn = error.status !== 401
      return
    }
    this.forget()
    this.isLeaving = true
    // Whoever signs in here next has a way of their own.
    location.replace('/masuk/')
  }

  /** The session is over, from elsewhere. */
  end(): void {
    this.forget()
    noteEnded()
    this.leave('berakhir')
  }

  /** The seat needs a factor that is missing: it is enrolled where one signs in. */
  enrolFirst(): void {
    this.leave()
  }

  /** What a page loads before it shows itself. */
  protected async enter(session: Session): Promise<void> {
    noteSignedIn(session.account.id)
    this.session = session
  }

  protected forget(): void {
    noteSignedOut()
    this.session = this.problem = null
  }

  protected fail(error: unknown): void {
    if (!(error instanceof Refusal)) throw error
    if (!this.isLeaving) this.problem = error
  }

  /** Goes to sign in, and comes back. */
  protected leave(reason?: 'berakhir'): void {
    if (this.isLeaving) return
    this.isLeaving = true
    this.isResuming = true
    location.replace(doorFrom(location.pathname + location.search + location.hash, reason))
  }
}

const KEY = Symbol('session')

export function provideSession<T extends SignedIn>(session: T): T {
  return setContext(KEY, session)
}

export function useSession(): SignedIn {
  return getContext<SignedIn>(KEY)
}
