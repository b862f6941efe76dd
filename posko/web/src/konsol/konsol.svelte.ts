import { getContext, setContext } from 'svelte'
import type { Seat } from '../accounts.ts'
import { Counts, slotsOf } from '../counters.ts'
import { OperationSession } from '../live/operations.svelte.ts'
import { Watch } from '../live/watch.svelte.ts'
import { momentAt } from '../moments.ts'
import { contains, isTps, parentOf, topsOf, trail } from '../places.ts'
import { Preferences } from '../page/preferences.svelte.ts'
import { type Due, duesOf } from '../plan.ts'
import type { OperationDetail } from '../records.ts'
import { parse, type Route } from '../routes.ts'
import type { Standing } from '../socket.ts'
import type { Chime } from './board/chime.svelte.ts'
import type { Incident } from './board/incident.ts'
import { DayClock } from './dayClock.svelte.ts'
import { Ledger } from './ledger.ts'
import type { Chosen } from './listed.ts'
import { CATALOGUES } from './words.ts'

const KEYS = 'posko.board.keys'

/** The whole state of the konsol, handed to its components as context. */
export class Konsol {
  readonly preferences: Preferences
  readonly session = new OperationSession()
  readonly watch = new Watch(this.session.api, () => this.session.end())
  route: Route = $state.raw(parse(location.hash))
  /** What has arrived and nobody here has looked at: it stands in the title of the page. */
  news = $state(0)
  /** What is urgent and stands over every page: in the title, too. */
  urgent = $state(0)
  /** What has been told here: by the board, and by who listens wherever somebody looks. */
  readonly told = new Ledger()
  /** Somebody has been at a place here already. */
  hasArrived = false
  /** Keys that are single letters, here and on the board; off for who speaks to the machine. */
  areKeysOn = $state(localStorage.getItem(KEYS) !== 'off')
  /** The board, while it is open: of what it tells nobody else does. */
  board: { tells: (incident: Incident) => boolean } | null = $state.raw(null)
  chime: Chime | null = null
  /** What was refused after its board was left: told over whatever is looked at now. */
  refused: { text: string; incident: Incident } | null = $state.raw(null)
  /** TPS of a list that a directive is to be for, until the form takes them. */
  chosen: Chosen | null = null
  /** Names of places seen so far, by operation and code: the breadcrumb needs those above, too. */
  names: Record<string, string> = $state.raw({})
  /** A drill's own clock. */
  day: DayClock | null = $state.raw(null)
  /** What time it is in the operation, to the minute; milliseconds since 1970. */
  readonly minute = $derived(Math.floor((this.day?.now ?? (Date.parse(this.watch.asOf ?? '') || Date.now())) / 60_000) * 60_000)
  readonly slots = $derived(slotsOf(this.watch.view?.counters ?? this.session.operation?.counters ?? []))

  constructor(preferences = new Preferences(CATALOGUES)) {
    this.preferences = preferences
  }

  get words() {
    return this.preferences.words
  }

  /** The region whose numbers are looked at: of a TPS its kelurahan. */
  get watched(): string {
    const code = 'code' in this.route ? this.route.code : ''
    return isTps(code) ? parentOf(code) : code
  }

  /** Whether the numbers that are here are of what is looked at, and not of what was left. */
  get isThere(): boolean {
    const { route, session, watch } = this
    return 'operation' in route && session.operation?.id === route.operation && watch.view?.topic === `${route.operation}:${this.watched}`
  }

  /** How the numbers that are looked at stand; null where there are none to look at. */
  get standing(): Standing | 'waiting' | 'failed' | 'ended' | null {
    const { route, session, watch } = this
    if (!('operation' in route)) return null
    if (session.operation?.id !== route.operation) return session.problem ? 'failed' : 'waiting'
    if (!this.sees(route.code) || watch.problem?.code === 'place-unknown') return null
    if (watch.problem) return 'failed'
    if (!this.isThere) return 'waiting'
    // Up to date, and nothing comes any more.
    return watch.standing === 'langsung' && this.isClosed ? 'ended' : watch.standing
  }

  /** The operation's plan; only inside pages that are shown once it is loaded. */
  get operation(): OperationDetail {
    if (!this.session.operation) throw new Error('no operation is chosen')
    return this.session.operation
  }

  /** The topmost codes that this seat sees of the operation. */
  get tops(): string[] {
    return topsOf(this.session.session?.seat?.regions ?? [], this.operation.root_code)
  }

  /** Of those the one that is shown, or the first. */
  get top(): string {
    const code = 'code' in this.route ? this.route.code : null
    return this.tops.find((top) => code !== null && contains(top, code)) ?? this.tops[0] ?? this.operation.root_code
  }

  /** Whether this seat sees a place of the operation. */
  sees(code: string): boolean {
    return this.tops.some((top) => contains(top, code))
  }

  /** In what seat somebody sits here. */
  get seat(): Seat | null {
    return this.session.session?.seat ?? null
  }

  /** Whether the operation takes no more. */
  get isClosed(): boolean {
    return this.watch.isClosed ?? this.operation.state === 'closed'
  }

  counts(vector: readonly number[]): Counts {
    return new Counts(this.slots, vector)
  }

  /** The numbers of a place of the region that is watched. */
  of(code: string): Counts {
    return this.counts(this.watch.view?.rows.get(code)?.counters ?? [])
  }

  /** How due each milestone is at a place, by the operation's clock. */
  dues(code: string): Map<string, Due> {
    return duesOf(this.operation, code, this.minute, this.of(code))
  }

  /** Keeps a drill's clock while an effect is alive. */
  keepDay(operation: number | null): (() => void) | undefined {
    const day = operation === null ? null : new DayClock(this.session.api, operation)
    this.day = day
    return day?.run()
  }

  /** A moment of the server's clock at a place: a drill is played at another hour, and says which it is. */
  wallAt(time: string, code: string): string {
    return this.wall(momentAt(this.words, time, code))
  }

  /** What is said of the server's clock, whatever its form. */
  wall(said: string): string {
    return this.operation.mode === 'drill' ? this.words.say('clock.wall', { time: said }) : said
  }

  nameOf(code: string): string {
    return this.names[`${this.operation.id}:${code}`] ?? code
  }

  /** Remembers names, and asks for those of the places above that are still unknown. */
  async learn(operation: number, names: Record<string, string>, code: string): Promise<void> {
    this.remember(operation, names)
    for (const above of new Set([...trail(this.top, code), ...(this.tops.length > 1 ? this.tops : [])])) {
      if (this.names[`${operation}:${above}`] !== undefined) continue
      const found = await this.session.api
        .get<{ names: Record<string, string> }>(`/v1/regions/${above}`, { operation })
        .catch(() => null)
      this.remember(operation, { [above]: above, ...found?.names })
    }
  }

  turnKeys(areOn: boolean): void {
    this.areKeysOn = areOn
    localStorage.setItem(KEYS, areOn ? 'on' : 'off')
  }

  private remember(operation: number, names: Record<string, string>): void {
    const keyed = Object.entries(names).map(([code, name]) => [`${operation}:${code}`, name])
    if (keyed.some(([key, name]) => key && this.names[key] !== name)) this.names = { ...this.names, ...Object.fromEntries(keyed) }
  }
}

const KEY = Symbol('konsol')

export function provideKonsol(konsol: Konsol): Konsol {
  return setContext(KEY, konsol)
}

export function useKonsol(): Konsol {
  return getContext<Konsol>(KEY)
}
