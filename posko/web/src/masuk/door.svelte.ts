import { getContext, setContext } from 'svelte'
import type { Session } from '../accounts.ts'
import { enrolmentOf, hasEnded, homeOf, wantedOf } from '../destination.ts'
import { forgetDevice, keptDevice, type KeptDevice } from '../factors/deviceStore.ts'
import { provePasskey } from '../factors/passkeys.ts'
import { Api, Refusal } from '../http.ts'
import { keepOfficersPage } from '../lapor/keep.ts'
import { hasEndedHere, mayBeSignedIn, noteEnded, noteSignedIn, noteSignedOut } from '../page/signedInHere.ts'

export type Step =
  | 'looking'
  /** An enrolled device and its PIN. */
  | 'device'
  /** Name and password, or a passkey. */
  | 'password'
  /** The code of the authenticator app. */
  | 'code'
  /** The code of a QR sheet, typed. */
  | 'typed'
  /** Making this browser somebody's device. */
  | 'enrol'
  | 'seat'
  /** A factor that the role needs is enrolled. */
  | 'factor'
  | 'going'

/** The way in: which step a visitor stands at, and what they have shown so far. */
export class Door {
  readonly api = new Api()
  step: Step = $state('looking')
  device: KeptDevice | null = $state.raw(null)
  session: Session | null = $state.raw(null)
  enrolment: string | null = $state(null)
  /** Name and password, kept between the first step and the code; never longer. */
  given: { username: string; password: string } | null = $state.raw(null)
  /** The session of this browser has ended: whoever sent the visitor here says so, another page of it did, or the server does. */
  hasEnded = $state(hasEnded(location.search) || hasEndedHere())
  private hasSeat = false
  private readonly wanted = wantedOf(location.search, location.origin)

  /** Looks at the address, at the session of this browser, at its device: in this order. */
  async look(): Promise<void> {
    this.takeEnrolment()
    this.device = await keptDevice()
    this.keepAhead()
    if (this.enrolment !== null) return
    if (mayBeSignedIn() && (await this.resume())) return
    if (this.step === 'looking') this.begin()
  }

  /** A QR was scanned: its code leaves the address bar, and so the history, at once. */
  takeEnrolment(): void {
    const code = enrolmentOf(location.hash)
    if (location.hash.startsWith('#daftar=')) history.replaceState(null, '', location.pathname + location.search)
    if (code === null) return
    this.enrolment = code
    this.step = 'enrol'
  }

  begin(): void {
    this.given = null
    this.step = this.device ? 'device' : 'password'
  }

  async signIn(username: string, password: string, totp?: string): Promise<void> {
    const code = totp === undefined ? {} : { totp }
    try {
      await this.enter(await this.api.post<Session>('/v1/sessions', { username, password, ...code, cookie: true }, { isProof: true }))
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'second-factor-needed') throw error
      this.given = { username, password }
      this.step = 'code'
    }
  }

  async signInByPasskey(): Promise<void> {
    const proof = await provePasskey(this.api)
    await this.enter(await this.api.post<Session>('/v1/sessions/passkey', { ...proof, cookie: true }, { isProof: true }))
  }

  /** Somebody is in: a seat to choose, a factor to enrol, or on to where they wanted. */
  async enter(session: Session): Promise<void> {
    noteSignedIn(session.account.id)
    this.given = null
    this.session = session
    if (session.seats.length > 1 && !this.hasSeat) this.step = 'seat'
    else if (session.must_enrol) this.step = 'factor'
    else this.go()
  }

  async takeSeat(seat: number): Promise<void> {
    const isTaken = this.session?.seat?.id === seat
    const session = isTaken ? this.session : await this.api.put<Session>('/v1/sessions/current/seat', { seat }, { isProof: true })
    this.hasSeat = true
    if (session) await this.enter(session)
  }

  async forgetDevice(): Promise<void> {
    await forgetDevice()
    this.device = null
    this.step = 'password'
  }

  async signOut(): Promise<void> {
    await this.api.delete('/v1/sessions/current').catch(() => undefined)
    noteSignedOut()
    this.session = null
    this.begin()
  }

  /** Officers go on to /lapor: on one bar of signal it is fetched while they type, and opens at once. */
  private keepAhead(): void {
    const isOfficer = this.wanted?.startsWith('/lapor/') ?? (this.enrolment !== null || this.device !== null)
    if (isOfficer && 'serviceWorker' in navigator && !import.meta.env.DEV) void keepOfficersPage().catch(() => undefined)
  }

  private go(): void {
    this.step = 'going'
    location.replace(this.wanted ?? homeOf(this.session?.seat?.role))
  }

  /** Whether this browser is signed in already; its seat is chosen then, unless a factor keeps it from having one. */
  private async resume(): Promise<boolean> {
    try {
      const session = await this.api.get<Session>('/v1/sessions/current')
      this.hasSeat = session.seat !== null
      await this.enter(session)
      return true
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.status === 401) {
        noteEnded()
        this.hasEnded = true
      }
      return false
    }
  }
}

const KEY = Symbol('door')

export function provideDoor(door: Door): Door {
  return setContext(KEY, door)
}

export function useDoor(): Door {
  return getContext<Door>(KEY)
}
