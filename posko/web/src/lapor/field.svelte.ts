import { getContext, setContext } from 'svelte'
import type { Session } from '../accounts.ts'
import { doorFrom } from '../destination.ts'
import { type Query, Refusal, type Sent } from '../http.ts'
import { lastAccount } from '../page/signedInHere.ts'
import { SignedIn } from '../page/session.svelte.ts'
import type { Operation, OperationDetail } from '../records.ts'
import { FIELD, noteQuestion, takeAhead } from './ahead.ts'
import type { Known, Memory, Remembered } from './memory.ts'
import { measured } from './outbox/clock.ts'
import { fetchDisk } from './outbox/fetchDisk.ts'
import type { Outbox } from './outbox/outbox.svelte.ts'
import { type Answer, type At, type Choice, type Held, NOTHING, type OfPlace, type OperationClock, PARTS, together } from './parts.ts'

/** What is known of a TPS. */
export interface KnownTps extends OfPlace {
  code: string
}

/** A question under way. */
interface Asked {
  query: Query
  asked_at: number
  answer: Promise<Answer>
}

const MINUTE_MS = 60_000
const HURRIED_MS = 5_000

/** Who is signed in and what this phone knows, with and without a network. Hand it to the Masthead as `signedIn`. */
export class Field extends SignedIn {
  /** The session has ended; what is known still shows. Signing in again is a link to `door`. */
  needsSignIn = $state(false)
  /** The last question found no server. */
  isOffline = $state(false)
  /** The TPS that was asked for last, if there is none such in the operation, or not for this seat. */
  notThere: string | null = $state(null)
  /** An older page in another tab keeps this phone's memory closed. */
  isBlocked = $state(false)
  /** Told when the page has something to say. */
  onSettled: () => void = () => undefined
  private held: Held = $state.raw(NOTHING)
  private at: At = $state.raw({})
  private clock: OperationClock | null = $state.raw(null)
  /** The TPS that is worked on; chosen by itself where the seat has one only. */
  readonly place: KnownTps | null = $derived.by(() => {
    const { tps, owed, directives } = this.held
    return this.at.place === undefined ? null : { code: this.at.place, tps, owed, directives }
  })
  /** Choices whose answers are waited for. */
  private choosing = $state(0)
  /** Moves with every choice of somebody, an operation or a TPS: what was asked for before it is not taken any more. */
  private turn = 0
  private readonly outbox: Outbox
  private kept: Memory | null = null
  /** What was asked before it was read what this phone knows. */
  private ahead: Asked | null = null
  private recalled: Promise<void> = Promise.resolve()
  /** This phone has never been told anything: the answer is shown while its memory is still being made, which takes an old phone half a second. */
  private isBlank = false
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(outbox: Outbox) {
    super()
    this.outbox = outbox
    outbox.database.onBlocked = (isBlocked) => (this.isBlocked = isBlocked)
    this.api.onAnswer = (answer, asked_at) => void outbox.learn(measured(asked_at, Date.now(), answer.headers.get('date'))).catch(() => undefined)
    // Whom the server turns away may go on with what this phone knows: that is read first.
    const turnAway = this.api.onTurnedAway
    this.api.onTurnedAway = (code) => void this.recalled.then(() => turnAway(code))
    outbox.onTaken = () => void this.refresh()
    outbox.operationTime = (now_ms) => this.timeAt(now_ms)
  }

  /** What was chosen last is being asked for. */
  get isChoosing(): boolean {
    return this.choosing > 0
  }

  get operations(): Known<Operation[]> | null {
    return this.held.operations
  }

  get operation(): Known<OperationDetail> | null {
    return this.held.detail
  }

  get choices(): Known<Choice[]> | null {
    return this.held.choices
  }

  /** Where to sign in, and come back from. */
  get door(): string {
    return doorFrom(location.pathname + location.search + location.hash, 'berakhir')
  }

  /** Asks the server, shows what is known meanwhile, and asks again whenever something may have changed. */
  override async resume(): Promise<void> {
    const ahead = takeAhead()
    this.ahead = ahead && this.send(ahead.query, ahead)
    this.isBlank = ahead !== null && Object.keys(ahead.query).length === 0
    this.recalled = this.recallAll().catch((error: unknown) => {
      // What reads the disk has not come: the answer is shown without it.
      if (!(error instanceof Refusal)) throw error
      this.isBlank = true
    })
    try {
      if (!this.isBlank) await this.recalled
      addEventListener('online', () => void this.refresh())
      addEventListener('offline', () => (this.isOffline = true))
      document.addEventListener('visibilitychange', () => void this.refresh())
      await this.refresh()
    } finally {
      if (!this.isLeaving) this.settle()
    }
  }

  /** Asks the server for all of this again. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer)
    const { ahead } = this
    this.ahead = null
    if (document.visibilityState === 'hidden') return
    const isWanted = ahead?.query.operation === this.at.operation && ahead?.query.place === this.at.place
    try {
      await this.ask(ahead && isWanted && (await isWorthWaiting(ahead)) ? ahead : this.send())
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
  async choose(place: string): Promise<void> {
    const account = this.session?.account.id
    const { operation } = this.at
    if (account === undefined || operation === undefined) return
    const [turn, at] = [(this.turn += 1), { operation, place }]
    const memory = await this.memory()
    await memory.keepChoice(account, at)
    const known = await memory.recallPlace(account, at)
    if (turn !== this.turn) return
    this.show({ held: { ...this.held, ...known }, at, clock: this.clock })
    await this.askChosen()
  }

  async chooseOperation(operation: number): Promise<void> {
    const account = this.session?.account.id
    if (account === undefined) return
    const turn = (this.turn += 1)
    const memory = await this.memory()
    await memory.keepChoice(account, { operation })
    const known = await memory.recallOperation(account, this.held, operation)
    if (turn !== this.turn) return
    this.show(known)
    await this.askChosen()
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
    await super.enter(session)
    this.needsSignIn = false
    this.problem = null
    await this.outbox.belongTo({ account: session.account.id, name: session.account.full_name })
  }

  /** No server: what is known goes on being shown. */
  protected override fail(error: unknown): void {
    if (!(error instanceof Refusal)) throw error
    this.isOffline = error.status === 0
    // Without a network and without anybody known there is only the way to sign in, later.
    this.problem = error.status === 401 || (error.status === 0 && this.session !== null) ? null : error
  }

  private timeAt(now_ms: number): number {
    if (this.clock === null || this.operation?.value.mode !== 'drill') return now_ms
    return Date.parse(this.clock.at) + (now_ms - this.clock.now_ms) * this.clock.speed
  }

  private question(): Query {
    return { ...this.at, have: PARTS.flatMap((part) => this.held[part]?.mark ?? []).join(',') }
  }

  private send(query: Query = this.question(), sent?: Sent): Asked {
    const answer = this.api.get<Answer>(FIELD, query, sent)
    answer.catch(() => undefined) // its failure counts where it is waited for
    return { query, asked_at: sent?.asked_at ?? Date.now(), answer }
  }

  private async ask(asked: Asked = this.send()): Promise<void> {
    try {
      await this.hear(asked)
      this.isOffline = this.isStillIn = false
    } catch (error) {
      this.fail(error)
    }
  }

  private async askChosen(): Promise<void> {
    this.choosing += 1
    await this.ask().finally(() => (this.choosing -= 1))
  }

  private async hear({ query, asked_at, answer }: Asked): Promise<void> {
    const { turn } = this
    const said = await answer
    if (turn !== this.turn) return
    const before = this.held
    const held = together(before, said, asked_at)
    // What was left out is not here any more: all of it is asked for, once.
    if (held === null && query.have) return this.hear(this.send({ ...this.at }))
    const session = held?.session?.value
    if (!held || !session) return
    if (session.must_enrol) return this.enrolFirst()
    if (before.session && before.session.value.account.id !== session.account.id) {
      // What the one before worked on is not what this one does.
      this.turn += 1
      this.show({ held: NOTHING, at: {}, clock: null })
      return this.hear(this.send())
    }
    const entered = this.enter(session)
    if (!this.isBlank) {
      await entered
      if (turn !== this.turn) return
    }
    const clock = said.clock ? { ...said.clock, now_ms: this.outbox.now() } : null
    const known = { held, at: { operation: said.operation, place: said.place }, clock }
    this.show(known)
    if (query.place !== undefined) this.notThere = query.place === said.place ? null : String(query.place)
    if (!this.isLeaving) this.settle()
    await entered
    this.isBlank = false
    await (await this.memory()).keepAll(session.account.id, known, before)
    noteQuestion(this.question())
  }

  /** There is something to say: what is known, or why it is not. */
  private settle(): void {
    this.isResuming = false
    this.onSettled()
  }

  private show({ held, at, clock }: Remembered): void {
    this.held = held
    this.at = at
    this.clock = clock
  }

  private async memory(): Promise<Memory> {
    if (this.kept) return this.kept
    const { Memory } = await fetchDisk()
    return (this.kept ??= new Memory(this.outbox.database))
  }

  private async recallAll(): Promise<void> {
    await this.outbox.open()
    const who = await this.outbox.lastWho()
    const account = lastAccount(who?.account ?? null)
    // The answer may have come before this.
    if (account === null || this.session !== null) return
    // On a shared phone another may have signed in since: nothing of the one before is theirs to see, but what they chose themselves.
    const isSame = account === who?.account
    const memory = await this.memory()
    const known = isSame ? await memory.recallLast(account) : null
    const chosen = isSame ? null : await memory.recallChoice(account)
    // Or meanwhile.
    if (this.session !== null) return
    if (chosen) this.at = chosen
    if (!known?.held.session) return
    this.session = known.held.session.value
    this.show(known)
    this.settle()
  }
}

/** What was asked before the page was there, on a line that was busy with the page, may have run out of patience: it is asked again. */
async function isWorthWaiting({ answer }: Asked): Promise<boolean> {
  return answer.then(
    () => true,
    (error: unknown) => !navigator.onLine || !(error instanceof Refusal) || error.status !== 0,
  )
}

const KEY = Symbol('field')

export function provideField(field: Field): Field {
  return setContext(KEY, field)
}

export function useField(): Field {
  return getContext<Field>(KEY)
}
