import { getContext, setContext } from 'svelte'
import type { Seat } from '../../accounts.ts'
import { Refusal } from '../../http.ts'
import { type Filters, toView } from '../../routes.ts'
import { DayClock } from '../dayClock.svelte.ts'
import type { Konsol } from '../konsol.svelte.ts'
import { Case } from './case.svelte.ts'
import { Chime } from './chime.svelte.ts'
import { Feed, type News } from './feed.svelte.ts'
import { filtersOf, narrowings, type Wanted, wantedOf } from './filters.ts'
import { type Acted, type Detail, type Entry, type Incident, type IncidentPage, gravityOf, rankOf } from './incident.ts'
import { type Action, actionsFor, coverOf } from './moves.ts'
import { type Tried, whyNot } from './refusals.ts'
import { titleOf, whereOf } from './saying.ts'

/** How long what was done, and the way back, stands there. */
const TOLD_MS = 12_000
const UNREAD_MOST = 500
const LANE_MS = 10_000
const KEYS = 'posko.board.keys'

export interface Told {
  text: string
  isRefused: boolean
  undo: (() => Promise<void>) | null
}

/** What a dialog asks for: the words of an action about an incident. */
export interface Asked {
  action: Action | 'answer'
  incident: Incident
  /** Of a request that is answered. */
  number?: number
  /** What it is to be merged into, where that is chosen already. */
  into?: Incident
}

/** The state of the board of a region. */
export class Board {
  readonly konsol: Konsol
  readonly code: string
  readonly clock: DayClock
  readonly chime = new Chime()
  readonly feed: Feed
  /** The restricted lane, for who is cleared for it. */
  readonly lane: Feed | null
  wanted: Wanted = $state.raw(wantedOf({}))
  /** The incident that is open. */
  open: Case | null = $state.raw(null)
  /** Where the keyboard is: a row of the list, or the incident that is open. */
  cursor: string | null = $state(null)
  unread: ReadonlySet<string> = $state.raw(new Set())
  /** Rows that have just come or become worse. */
  fresh: ReadonlySet<string> = $state.raw(new Set())
  /** What is under way, by incident. */
  underWay: ReadonlyMap<string, string> = $state.raw(new Map())
  asked: Asked | null = $state.raw(null)
  told: Told | null = $state.raw(null)
  /** For those who listen: gently, and at once. */
  polite = $state('')
  assertive = $state('')
  areKeysOn = $state(localStorage.getItem(KEYS) !== 'off')
  isHelpOpen = $state(false)
  /** Somebody's pointer or focus is in the list. */
  isInList = $state(false)
  private toldTimer: ReturnType<typeof setTimeout> | null = null

  constructor(konsol: Konsol, code: string) {
    this.konsol = konsol
    this.code = code
    this.clock = new DayClock(this.api, konsol.operation.id)
    this.feed = this.feedOf(konsol.operation.id)
    const lane = this.seat?.cleared ? konsol.operation.restricted_lane : null
    this.lane = lane === null || lane === undefined ? null : this.feedOf(lane)
  }

  get api() {
    return this.konsol.session.api
  }

  get words() {
    return this.konsol.words
  }

  get seat(): Seat | null {
    return this.konsol.session.session?.seat ?? null
  }

  get me(): string {
    return this.konsol.session.session?.account.username ?? ''
  }

  /** What time it is in the operation; this machine's before the server told. */
  get now(): number {
    return this.clock.now ?? Date.now()
  }

  /** The list that is looked at. */
  get shown(): Feed {
    return this.wanted.isRestricted && this.lane ? this.lane : this.feed
  }

  /** What a key is about: where the keyboard is, in the list or in the incident that is open. */
  get target(): Incident | null {
    if (this.cursor === null) return null
    return this.open?.id === this.cursor ? this.open.incident : (this.shown.find(this.cursor) ?? null)
  }

  start(): () => void {
    const stopClock = this.clock.run()
    // The other list, too, tells of what is new in it.
    void (this.wanted.isRestricted ? this.feed : this.lane)?.show(wantedOf({}))
    // The numbers of a region do not tell of its restricted lane.
    const asking = setInterval(() => void this.lane?.follow(), LANE_MS)
    return () => {
      clearInterval(asking)
      stopClock()
      this.chime.stop()
      this.konsol.news = 0
      if (this.toldTimer) clearTimeout(this.toldTimer)
    }
  }

  /** The address of this board with other filters, or another incident open. */
  address(change: Partial<Wanted> = {}, subject: string | null = this.open?.id ?? null): string {
    return toView(this.konsol.operation.id, this.code, 'kejadian', subject, filtersOf({ ...this.wanted, ...change }))
  }

  /** This tab with no filter but its order. */
  get clearedAddress(): string {
    const { tab, order, isRestricted } = this.wanted
    return this.address({ ...wantedOf({}), tab, order, isRestricted }, null)
  }

  get isNarrowed(): boolean {
    return narrowings(this.wanted) > 0
  }

  /** The incident of a number, where it lies in this region. */
  async numbered(number: number): Promise<Incident | null> {
    const { operation } = this.shown
    try {
      const page = await this.api.get<IncidentPage>('/v1/incidents', { operation, region: this.code, after: number + 1, limit: 1 })
      return page.rows.find((row) => row.number === number) ?? null
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return null
    }
  }

  see(filters: Filters): void {
    this.wanted = wantedOf(filters)
    void this.shown.show(this.wanted)
  }

  /** Opens one, or none. */
  look(id: string | null): void {
    if (this.open?.id === id) return
    this.told = null
    if (id === null) this.open = null
    else {
      const around = (place: string): string => coverOf(this.seat, place) ?? place
      this.open = new Case(this.api, id, { around, onRead: (incident) => this.feedFor(incident).put(incident) })
      const known = this.feed.find(id) ?? this.lane?.find(id)
      if (known) this.open.incident = known
      this.cursor = id
      this.read(id)
      void this.open.read()
    }
  }

  read(id: string): void {
    if (this.unread.has(id)) this.note([...this.unread].filter((other) => other !== id))
  }

  readAll(): void {
    this.note([])
  }

  async follow(): Promise<void> {
    await Promise.all([this.feed.follow(), this.lane?.follow()])
  }

  turnKeys(areOn: boolean): void {
    this.areKeysOn = areOn
    localStorage.setItem(KEYS, areOn ? 'on' : 'off')
  }

  can(action: Action, incident: Incident): boolean {
    return actionsFor(this.seat, incident).includes(action)
  }

  isWatching(incident: Incident): boolean {
    return this.open?.id === incident.id && this.open.watchers.includes(this.me)
  }

  /** Does it, and says how it went; a refusal is told in words that say what to do. Whether it worked. */
  async act(action: Tried['action'], incident: Incident, work: () => Promise<Pick<Acted, 'incident'>>, undo: Told['undo'] = null): Promise<boolean> {
    const why = await this.attempt(action, incident, work)
    if (why !== null) this.tell({ text: why, isRefused: true, undo: null })
    else this.tell({ text: this.saidOf(action, incident), isRefused: false, undo })
    return why === null
  }

  /** Does it; null, or why not. */
  async attempt(action: Tried['action'], incident: Incident, work: () => Promise<Pick<Acted, 'incident'>>, other: Incident | null = null): Promise<string | null> {
    this.underWay = new Map(this.underWay).set(incident.id, action)
    try {
      const { incident: now } = await work()
      this.feedFor(now).put(now)
      this.read(incident.id)
      if (this.open?.id === now.id) {
        this.open.incident = now
        void this.open.read()
      }
      void this.follow()
      return null
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { now, last } = error.status === 409 ? await this.truth(incident) : { now: null, last: null }
      return whyNot(this.words, error, { action, seen: incident, now, last, other, seat: this.seat })
    } finally {
      const left = new Map(this.underWay)
      left.delete(incident.id)
      this.underWay = left
    }
  }

  async watch(incident: Incident, isWatched: boolean): Promise<void> {
    const path = `/v1/incidents/${incident.id}/watch`
    try {
      await (isWatched ? this.api.put(path) : this.api.delete(path))
      const undo = async (): Promise<void> => this.watch(incident, !isWatched)
      this.tell({ text: this.words.say(isWatched ? 'board.did.watch' : 'board.did.unwatch', { what: titleOf(this.words, incident) }), isRefused: false, undo })
      if (this.open?.id === incident.id) await this.open.read()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.tell({ text: whyNot(this.words, error, { action: 'watch', seen: incident, now: null, last: null, seat: this.seat }), isRefused: true, undo: null })
    }
  }

  /** Says what was done; it goes by itself, unless it was refused. */
  tell(told: Told | null): void {
    if (this.toldTimer) clearTimeout(this.toldTimer)
    this.told = told
    if (told && !told.isRefused) this.toldTimer = setTimeout(() => (this.told = null), TOLD_MS)
  }

  saidOf(action: string, incident: Incident): string {
    return this.words.say(`board.did.${action}`, { what: titleOf(this.words, incident) })
  }

  private feedFor(incident: Incident): Feed {
    return this.lane && incident.operation === this.lane.operation ? this.lane : this.feed
  }

  private feedOf(operation: number): Feed {
    return new Feed(this.me, {
      api: this.api,
      operation,
      region: this.code,
      isBusy: () => this.isInList,
      onNews: (news) => this.hear(news),
      onChanged: (rows) => this.changed(rows),
    })
  }

  private changed(rows: readonly Incident[]): void {
    for (const row of rows) this.clock.heard(row.changed_at)
    if (this.open && rows.some((row) => row.id === this.open?.id && row.version > (this.open.incident?.version ?? 0))) void this.open.read()
    // What others have taken in hand is no news any more.
    const taken = new Set(rows.filter((row) => row.status !== 'baru' && row.status !== 'dibuka_kembali' && row.alleged === null).map((row) => row.id))
    if ([...this.unread].some((id) => taken.has(id))) this.note([...this.unread].filter((id) => !taken.has(id)))
  }

  private hear(news: News[]): void {
    const ids = news.map(({ incident }) => incident.id)
    this.note([...this.unread, ...ids.filter((id) => id !== this.open?.id)].slice(-UNREAD_MOST))
    this.fresh = new Set(ids)
    const gravest = news.reduce((most, each) => (rankOf(gravityOf(each.incident)) < rankOf(gravityOf(most.incident)) ? each : most))
    const severity = gravityOf(gravest.incident)
    this.chime.play(severity)
    const said = this.sayingOf(news, gravest)
    if (rankOf(severity) <= rankOf('tinggi')) this.assertive = said
    else this.polite = said
  }

  private sayingOf(news: News[], gravest: News): string {
    const { incident, kind } = gravest
    const given = { n: news.length, severity: this.words.say(`severity.${gravityOf(incident)}`), what: titleOf(this.words, incident), where: whereOf(incident) }
    if (news.length > 1) return this.words.say('board.news.many', given)
    return this.words.say(`board.news.${kind}`, given)
  }

  private note(ids: readonly string[]): void {
    this.unread = new Set(ids)
    this.konsol.news = this.unread.size
  }

  /** How an incident is now, and what was done about it last: for who was refused. */
  private async truth(incident: Incident): Promise<{ now: Incident | null; last: Entry | null }> {
    const path = `/v1/incidents/${incident.id}`
    try {
      const { incident: now } = await this.api.get<Detail>(path)
      this.feedFor(now).put(now)
      if (this.open?.id === now.id) await this.open.read()
      const { rows } = await this.api.get<{ rows: Entry[] }>(`${path}/entries`, { limit: 200 })
      return { now, last: rows.length < 200 ? (rows.at(-1) ?? null) : null }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { now: null, last: null }
    }
  }
}

const KEY = Symbol('board')

export function provideBoard(board: Board): Board {
  return setContext(KEY, board)
}

export function useBoard(): Board {
  return getContext<Board>(KEY)
}
