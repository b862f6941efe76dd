import { getContext, setContext } from 'svelte'
import type { Session } from '../accounts.ts'
import { doorFrom } from '../destination.ts'
import { Refusal } from '../http.ts'
import { choiceOf, workedOn } from '../operations.ts'
import { mayBeSignedIn } from '../page/signedInHere.ts'
import { SignedIn } from '../page/session.svelte.ts'
import { isTps, topsOf } from '../places.ts'
import type { BehindPage, Operation, OperationDetail, Tps } from '../records.ts'
import type { Owed, Received } from './due.ts'
import { type Known, Memory } from './memory.ts'
import { measured } from './outbox/clock.ts'
import type { Outbox } from './outbox/outbox.svelte.ts'

export type { Known } from './memory.ts'

/** What is known of a TPS. */
export interface KnownTps {
  code: string
  tps: Known<Tps> | null
  owed: Known<Owed> | null
  directives: Known<Received[]> | null
}

/** A TPS to choose from. */
export interface Choice {
  code: string
  name: string
  parent_name: string | null
}

/** The operation's clock as it was told: `at` there when it was `now_ms` here (corrected), and how fast it goes. */
interface OperationClock {
  at: string
  speed: number
  now_ms: number
}

const MINUTE_MS = 60_000
const HURRIED_MS = 5_000
/** What seldom changes is asked for as seldom: each kilobyte is somebody's. */
const SELDOM_MS = 30 * MINUTE_MS
/** A list to choose from is no longer than a page of the server. */
const CHOICES_LIMIT = 500

/** Who is signed in and what this phone knows, with and without a network. Hand it to the Masthead as `signedIn`. */
export class Field extends SignedIn {
  /** The session has ended; what is known still shows. Signing in again is a link to `door`. */
  needsSignIn = $state(false)
  /** The last question found no server. */
  isOffline = $state(false)
  operations: Known<Operation[]> | null = $state.raw(null)
  operation: Known<OperationDetail> | null = $state.raw(null)
  /** The TPS of the seat, at most 500; who has more types the code. */
  choices: Known<Choice[]> | null = $state.raw(null)
  /** The TPS that is worked on; chosen by itself where the seat has one only. */
  place: KnownTps | null = $state.raw(null)
  private clock: OperationClock | null = $state.raw(null)
  /** Moves with every choice of somebody, an operation or a TPS: what was asked for before it is not taken any more. */
  private turn = 0
  private readonly outbox: Outbox
  private readonly memory: Memory
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(outbox: Outbox) {
    super()
    this.outbox = outbox
    this.memory = new Memory(outbox.database)
    this.api.onAnswer = (answer, asked_at) => void outbox.learn(measured(asked_at, Date.now(), answer.headers.get('date')))
    outbox.onTaken = () => void this.refresh()
    outbox.operationTime = (now_ms) => this.timeAt(now_ms)
  }

  /** Where to sign in, and come back from. */
  get door(): string {
    return doorFrom(location.pathname + location.search + location.hash, 'berakhir')
  }

  /** Shows what is known, then asks the server who is signed in and what is new; again whenever that may have changed. */
  override async resume(): Promise<void> {
    addEventListener('online', () => void this.refresh())
    addEventListener('offline', () => (this.isOffline = true))
    document.addEventListener('visibilitychange', () => void this.refresh())
    try {
      if (mayBeSignedIn()) await this.recallAll()
      await this.refresh()
    } finally {
      if (!this.isLeaving) this.isResuming = false
    }
  }

  /** Asks the server for all of this again. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer)
    if (document.visibilityState === 'hidden') return
    try {
      // Asked together: on one bar of signal each answer that is waited for is half a second.
      const operations = this.api.get<Operation[]>('/v1/operations')
      operations.catch(() => undefined) // its failure counts where it is wanted
      await this.enter(await this.api.get<Session>('/v1/sessions/current'))
      await this.fetchAll(operations)
      this.isOffline = false
    } catch (error) {
      this.fail(error)
    } finally {
      // Not all phones of a kota on the same second.
      clearTimeout(this.timer)
      this.timer = setTimeout(() => void this.refresh(), this.pace * (0.8 + Math.random() * 0.4))
    }
  }

  /** A drill whose clock is made to run is hours on in a minute. */
  private get pace(): number {
    return this.operation?.value.mode === 'drill' && this.clock !== null && this.clock.speed !== 1 ? HURRIED_MS : MINUTE_MS
  }

  /** Works on another TPS, of the seat or one that was typed. */
  async choose(code: string): Promise<void> {
    const account = this.session?.account.id
    const operation = this.operation?.value.id
    if (account === undefined || operation === undefined) return
    const turn = (this.turn += 1)
    await this.memory.keep(account, `place ${operation}`, code)
    const known = await this.knownPlace(account, operation, code)
    if (turn !== this.turn) return
    this.place = known
    await this.trying(() => this.fetchPlace(turn, account, operation, code))
  }

  async chooseOperation(id: number): Promise<void> {
    const account = this.session?.account.id
    if (account === undefined) return
    const turn = (this.turn += 1)
    await this.memory.keep(account, 'operation', id)
    await this.recallOperation(turn, account, id)
    if (turn !== this.turn) return
    await this.trying(() => this.fetchAll(this.api.get<Operation[]>('/v1/operations')))
  }

  /** What time it is in the operation: the server's clock, in a drill that is played at another hour the drill's. */
  now(): Date {
    return new Date(this.timeAt(this.outbox.now()))
  }

  /** The session has ended: the page goes on with what it knows, and what is filed waits. */
  override end(): void {
    if (this.session === null) this.leave()
    else this.needsSignIn = true
  }

  protected override async enter(session: Session): Promise<void> {
    if (session.must_enrol) return this.enrolFirst()
    const isNew = this.session?.account.id !== session.account.id || this.session.seat?.id !== session.seat?.id
    if (isNew && this.session !== null) {
      this.turn += 1
      this.operations = this.operation = this.choices = this.place = this.clock = null
    }
    await super.enter(session)
    this.needsSignIn = false
    this.problem = null
    await this.memory.forgetOthers(session.account.id)
    await this.memory.keep(session.account.id, 'session', session)
    await this.outbox.belongTo({ account: session.account.id, name: session.account.full_name })
  }

  /** No server: what is known goes on being shown. */
  protected override fail(error: unknown): void {
    if (!(error instanceof Refusal)) throw error
    this.isOffline = error.status === 0
    // Without a network and without anybody known there is only the way to sign in, later.
    this.problem = error.status === 401 || (error.status === 0 && this.session !== null) ? null : error
  }

  private async trying(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.isOffline = false
    } catch (error) {
      this.fail(error)
    }
  }

  private timeAt(now_ms: number): number {
    if (this.clock === null || this.operation?.value.mode !== 'drill') return now_ms
    return Date.parse(this.clock.at) + (now_ms - this.clock.now_ms) * this.clock.speed
  }

  private async recallAll(): Promise<void> {
    const who = await this.outbox.lastWho()
    const session = who && (await this.memory.recall<Session>(who.account, 'session'))
    if (!session) return
    this.session = session.value
    this.isResuming = false
    this.operations = await this.memory.recall(who.account, 'operations')
    const operation = await this.memory.recall<number>(who.account, 'operation')
    if (operation) await this.recallOperation(this.turn, who.account, operation.value)
  }

  /** Turns to what is known of an operation; nothing of the one before stays. */
  private async recallOperation(turn: number, account: number, id: number): Promise<void> {
    const operation = await this.memory.recall<OperationDetail>(account, `operation ${id}`)
    const choices = await this.memory.recall<Choice[]>(account, `choices ${id}`)
    const clock = await this.memory.recall<OperationClock>(account, `clock ${id}`)
    const code = await this.memory.recall<string>(account, `place ${id}`)
    const place = code && (await this.knownPlace(account, id, code.value))
    if (turn !== this.turn) return
    this.operation = operation
    this.choices = choices
    this.clock = clock?.value ?? null
    this.place = place
  }

  private async knownPlace(account: number, operation: number, code: string): Promise<KnownTps> {
    const name = (what: string): string => `${what} ${operation} ${code}`
    return {
      code,
      tps: await this.memory.recall(account, name('tps')),
      owed: await this.memory.recall(account, name('owed')),
      directives: await this.memory.recall(account, name('directives')),
    }
  }

  private async fetchAll(asked: Promise<Operation[]>): Promise<void> {
    const session = this.session
    if (!session?.seat) return
    const [turn, account] = [this.turn, session.account.id]
    const operations = choiceOf(await asked)
    this.operations = await this.memory.keep(account, 'operations', operations)
    const wanted = this.operation?.value.id ?? (await this.memory.recall<number>(account, 'operation'))?.value
    const chosen = workedOn(operations, wanted)
    if (!chosen || turn !== this.turn) return
    if (chosen.id !== this.operation?.value.id) await this.recallOperation(turn, account, chosen.id)
    await this.memory.keep(account, 'operation', chosen.id)
    const tops = topsOf(session.seat.regions, chosen.root_code)
    const own = this.place?.code ?? (tops.length === 1 ? tops.find(isTps) : undefined)
    const clocked = this.fetchOperation(turn, account, chosen, tops)
    await Promise.all([clocked, own && this.fetchPlace(turn, account, chosen.id, own, clocked)])
    const only = this.choices?.value.length === 1 ? this.choices.value[0]?.code : undefined
    if (!own && only) await this.fetchPlace(turn, account, chosen.id, only)
  }

  private async fetchOperation(turn: number, account: number, { id, mode, state, layout }: Operation, tops: readonly string[]): Promise<void> {
    const known = this.operation
    const isKnown = isFresh(known) && known.value.id === id && known.value.layout === layout && known.value.state === state
    const [detail, told, choices] = await Promise.all([
      isKnown ? null : this.api.get<OperationDetail>(`/v1/operations/${id}`),
      mode === 'drill' ? this.api.get<{ at: string; speed: number }>(`/v1/operations/${id}/clock`) : null,
      isFresh(this.choices) ? null : this.tpsOf(id, tops),
    ])
    const operation = detail && (await this.memory.keep(account, `operation ${id}`, detail))
    const clock = told && (await this.memory.keep<OperationClock>(account, `clock ${id}`, { ...told, now_ms: this.outbox.now() }))
    const tps = choices && (await this.memory.keep(account, `choices ${id}`, choices))
    if (turn !== this.turn) return
    if (operation) this.operation = operation
    if (clock) this.clock = clock.value
    if (tps) this.choices = tps
  }

  /** The TPS of a seat, by the roster's own order. */
  private async tpsOf(operation: number, tops: readonly string[]): Promise<Choice[]> {
    const found: Choice[] = []
    for (const code of tops) {
      if (found.length >= CHOICES_LIMIT) break
      if (isTps(code)) {
        const { name } = await this.api.get<Tps>(`/v1/tps/${code}`, { operation })
        found.push({ code, name, parent_name: null })
        continue
      }
      const page = await this.api.get<BehindPage>(`/v1/regions/${code}/tps`, { operation, counter: 'tps', limit: CHOICES_LIMIT })
      found.push(...page.places.map(({ code, name, parent_name }) => ({ code, name, parent_name: parent_name ?? null })))
    }
    return found.slice(0, CHOICES_LIMIT)
  }

  /** `clocked`: the operation's clock is known; what a TPS owes is due by that, and not shown before. */
  private async fetchPlace(turn: number, account: number, operation: number, code: string, clocked: Promise<void> = Promise.resolve()): Promise<void> {
    const name = (what: string): string => `${what} ${operation} ${code}`
    const [tps, owed, inbox] = await Promise.all([
      this.api.get<Tps>(`/v1/tps/${code}`, { operation }),
      this.api.get<Owed>(`/v1/tps/${code}/obligations`, { operation }),
      this.api.get<{ rows: Received[] }>(`/v1/desks/${code}/directives`, { operation }),
    ])
    await clocked
    if (turn !== this.turn) return
    await this.memory.keep(account, `place ${operation}`, code)
    const place = {
      code,
      tps: await this.memory.keep(account, name('tps'), tps),
      owed: await this.memory.keep(account, name('owed'), owed),
      directives: await this.memory.keep(account, name('directives'), inbox.rows),
    }
    if (turn === this.turn) this.place = place
  }
}

function isFresh<T>(known: Known<T> | null): known is Known<T> {
  return known !== null && Math.abs(Date.now() - known.fetched_at) < SELDOM_MS
}

const KEY = Symbol('field')

export function provideField(field: Field): Field {
  return setContext(KEY, field)
}

export function useField(): Field {
  return getContext<Field>(KEY)
}
