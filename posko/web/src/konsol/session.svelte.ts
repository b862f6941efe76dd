import { Api, Refusal } from '../http.ts'
import { choiceOf } from '../operations.ts'
import type { Account, Operation, OperationDetail, Session } from '../records.ts'

const TOKEN = 'posko.token'

/** Who is signed in here, and the operations in their scope. */
export class SignedIn {
  readonly api = new Api()
  account: Account | null = $state.raw(null)
  operations: Operation[] | null = $state.raw(null)
  operation: OperationDetail | null = $state.raw(null)
  /** Nothing is known yet: the kept token is being tried. */
  isResuming = $state(true)
  /** The session ended without being asked to. */
  hasEnded = $state(false)
  problem: Refusal | null = $state.raw(null)

  constructor() {
    this.api.onSignedOut = () => this.end()
  }

  /** Takes up the session that this tab had before it was reloaded. */
  async resume(): Promise<void> {
    this.problem = null
    this.api.token = sessionStorage.getItem(TOKEN)
    try {
      if (this.api.token) await this.enter(await this.api.get<Account>('/v1/sessions/current'))
    } catch (error) {
      this.fail(error)
    }
    this.isResuming = false
  }

  async signIn(username: string, password: string): Promise<void> {
    const session = await this.api.post<Session>('/v1/sessions', { username, password })
    this.api.token = session.token
    this.hasEnded = false
    sessionStorage.setItem(TOKEN, session.token)
    await this.enter(session.account)
  }

  async signOut(): Promise<void> {
    const ended = this.api.delete('/v1/sessions/current')
    this.forget()
    await ended.catch(() => undefined)
  }

  /** The session is over, from elsewhere. */
  end(): void {
    this.forget()
    this.hasEnded = true
  }

  /** Loads the plan of an operation; again when its layout moved. */
  async choose(id: number): Promise<void> {
    try {
      this.operation = await this.api.get<OperationDetail>(`/v1/operations/${id}`)
      this.problem = null
    } catch (error) {
      this.fail(error)
    }
  }

  private async enter(account: Account): Promise<void> {
    const operations = await this.api.get<Operation[]>('/v1/operations')
    this.operations = choiceOf(operations)
    this.account = account
  }

  private forget(): void {
    sessionStorage.removeItem(TOKEN)
    this.api.token = null
    this.account = this.operations = this.operation = this.problem = null
  }

  private fail(error: unknown): void {
    if (!(error instanceof Refusal)) throw error
    if (error.status !== 401) this.problem = error
  }
}
