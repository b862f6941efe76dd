import { getContext, setContext } from 'svelte'
import type { Seat } from '../../accounts.ts'
import { Refusal } from '../../http.ts'
import { contains } from '../../places.ts'
import { type Filters, toView } from '../../routes.ts'
import { DayClock } from '../dayClock.svelte.ts'
import type { Konsol } from '../konsol.svelte.ts'
import { Acts } from './acts.svelte.ts'
import { Arrivals } from './arrivals.svelte.ts'
import { Case } from './case.svelte.ts'
import { Feed } from './feed.svelte.ts'
import { filtersOf, narrowings, type Wanted, wantedOf } from './filters.ts'
import type { Incident, IncidentPage, Step } from './incident.ts'
import { type Action, actionsFor, coverOf } from './moves.ts'

const LANE_MS = 10_000
/** While one of its incidents is open. */
const OPEN_LANE_MS = 1_500

/** The state of the board of a region. */
export class Board {
  readonly konsol: Konsol
  readonly code: string
  readonly clock: DayClock
  readonly acts: Acts
  readonly arrivals: Arrivals
  readonly feed: Feed
  /** The restricted lane, for who is cleared for it. */
  readonly lane: Feed | null
  wanted: Wanted = $state.raw(wantedOf({}))
  /** The incident that is open. */
  open: Case | null = $state.raw(null)
  /** Where the keyboard is: a row of the list, or the incident that is open. */
  cursor: string | null = $state(null)
  isHelpOpen = $state(false)
  /** Somebody's pointer or focus is in the list. */
  isInList = $state(false)

  constructor(konsol: Konsol, code: string) {
    this.konsol = konsol
    this.code = code
    this.acts = new Acts(this)
    this.arrivals = new Arrivals(konsol)
    this.clock = new DayClock(this.api, konsol.operation.id)
    this.feed = this.feedOf(konsol.operation.id)
    const lane = this.seat?.cleared ? konsol.operation.restricted_lane : null
    this.lane = lane === null || lane === undefined ? null : this.feedOf(lane)
  }

  get api() {
    return this.konsol.session.api
  }

  get areKeysOn(): boolean {
    return this.konsol.areKeysOn
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
    return this.clock.now ?? this.konsol.day?.now ?? Date.now()
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

  /** Whether this board tells of an incident: of what was there before it, or lies elsewhere, it does not. */
  tells(incident: Incident): boolean {
    const { began } = this.feedFor(incident)
    return contains(this.code, incident.place) && began !== null && incident.version > began
  }

  start(): () => void {
    this.konsol.board = this
    const stopClock = this.clock.run()
    // The other list, too, tells of what is new in it.
    void (this.wanted.isRestricted ? this.feed : this.lane)?.show(wantedOf({}))
    // The numbers of a region do not tell of its restricted lane.
    const stopLane = this.lane ? this.keepAsking(this.lane) : null
    return () => {
      if (this.konsol.board === this) this.konsol.board = null
      stopLane?.()
      stopClock()
      this.arrivals.stop()
      this.acts.stop()
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

  /** What happens to one if nobody does anything, as far as that can be read. */
  async previewOf(incident: Incident): Promise<readonly Step[]> {
    if (this.open?.id === incident.id && this.open.preview.length > 0) return this.open.preview
    return this.api.get<Step[]>(`/v1/incidents/${incident.id}/preview`).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
      return []
    })
  }

  see(filters: Filters): void {
    this.wanted = wantedOf(filters)
    void this.shown.show(this.wanted)
  }

  /** Opens one, or none. */
  look(id: string | null): void {
    if (this.open?.id === id) return
    this.acts.told = null
    if (id === null) this.open = null
    else {
      const around = (place: string): string => coverOf(this.seat, place) ?? place
      this.open = new Case(this.api, id, { around, onRead: (incident) => this.put(incident) })
      const known = this.feed.find(id) ?? this.lane?.find(id)
      if (known) this.open.incident = known
      this.cursor = id
      this.arrivals.read(id)
      void this.open.read()
    }
  }

  async follow(): Promise<void> {
    await Promise.all([this.feed.follow(), this.lane?.follow()])
  }

  can(action: Action, incident: Incident): boolean {
    return actionsFor(this.seat, incident).includes(action)
  }

  isWatching(incident: Incident): boolean {
    return this.open?.id === incident.id && this.open.watchers.includes(this.me)
  }

  /** What somebody here has just done, or read: the row as the server says it is now. */
  put(incident: Incident): void {
    this.feedFor(incident).put(incident)
  }

  private keepAsking(lane: Feed): () => void {
    let askedAt = performance.now()
    const asking = setInterval(() => {
      if (this.open?.incident?.operation !== lane.operation && performance.now() - askedAt < LANE_MS) return
      askedAt = performance.now()
      void lane.follow()
    }, OPEN_LANE_MS)
    return () => clearInterval(asking)
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
      onNews: (news) => this.arrivals.hear(news, this.open?.id ?? null),
      onChanged: (rows) => this.changed(rows),
    })
  }

  private changed(rows: readonly Incident[]): void {
    for (const row of rows) this.clock.heard(row.changed_at)
    if (this.open && rows.some((row) => row.id === this.open?.id && row.version > (this.open.incident?.version ?? 0))) void this.open.read()
    this.arrivals.passOver(rows)
  }
}

const KEY = Symbol('board')

export function provideBoard(board: Board): Board {
  return setContext(KEY, board)
}

export function useBoard(): Board {
  return getContext<Board>(KEY)
}
