import type { Factors, Session } from '../accounts.ts'
import { proveDevice } from './deviceKeys.ts'
import { keptDevice, type KeptDevice } from './deviceStore.ts'
import { provePasskey } from './passkeys.ts'
import { type Api, Refusal } from '../http.ts'

/** Asking a person to prove once more that it is them, and keeping whoever needs that waiting for the outcome. */
export class Proving {
  /** What this account can show; the question is open while this is known. */
  ways: Factors | null = $state.raw(null)
  device: KeptDevice | null = $state.raw(null)
  private outcome: Promise<boolean> | null = null
  private settle: (isProven: boolean) => void = () => undefined
  private readonly api: Api
  private readonly onProven: (session: Session) => void

  constructor(api: Api, onProven: (session: Session) => void) {
    this.api = api
    this.onProven = onProven
  }

  /** Whether the person proved themselves; whoever asks meanwhile gets the same answer. */
  ask(): Promise<boolean> {
    this.outcome ??= this.open().catch((error: unknown) => {
      this.outcome = null
      throw error
    })
    return this.outcome
  }

  cancel(): void {
    this.close(false)
  }

  async byPassword(password: string, totp: string): Promise<void> {
    await this.prove({ password, ...(totp ? { totp } : {}) })
  }

  async byPasskey(): Promise<void> {
    await this.prove(await provePasskey(this.api))
  }

  async byDevice(pin: string): Promise<void> {
    if (this.device) await this.prove(await proveDevice(this.api, this.device, pin))
  }

  private async open(): Promise<boolean> {
    const session = await this.api.get<Session>('/v1/sessions/current')
    const kept = await keptDevice()
    this.device = session.factors.includes('device') ? kept : null
    this.ways = await this.api.get<Factors>('/v1/factors')
    return new Promise((resolve) => (this.settle = resolve))
  }

  private async prove(proof: object): Promise<void> {
    try {
      this.onProven(await this.api.post<Session>('/v1/sessions/current/step-up', proof, { isProof: true }))
    } catch (error) {
      // The proof was wrong, or there is no session any more: this tells, and leads to the door.
      if (error instanceof Refusal && error.code === 'not-signed-in') await this.api.get('/v1/sessions/current')
      throw error
    }
    this.close(true)
  }

  private close(isProven: boolean): void {
    this.ways = this.outcome = null
    this.settle(isProven)
  }
}
