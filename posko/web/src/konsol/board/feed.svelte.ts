import { Refusal, type Api } from '../../http.ts'
import { contains } from '../../places.ts'
import { filtersOf, isServersToJudge, lanesOf, matches, questionOf, type Wanted } from './filters.ts'
import type { Changes, Incident, IncidentPage } from './incident.ts'
import { append, type Arranging, compare, type Listed, newsOf, NOTHING, settle, type Standing, take, trimmed } from './merging.ts'

const PAGE = 50
const CHANGES = 200
/** Rounds of changes that are followed one by one; after a longer sleep the list is read anew. */
const ROUNDS = 10
/** Rows that arrivals may push a list to. */
const MOST = 1_000
/** Incidents that are remembered to tell what became worse. */
const REMEMBERED = 5_000

export interface News {
  incident: Incident
  kind: 'new' | 'worse'
}

export interface FeedOptions {
  api: Api
  operation: number
  region: string
  /** Whether somebody works in the list now. */
  isBusy: () => boolean
  onNews: (news: News[]) => void
  /** Every incident of the region that has changed, whether the list shows it or not. */
  onChanged: (rows: readonly Incident[]) => void
}

/** The incidents of a region as they are asked for, kept up with by their changes. */
export class Feed {
  list: Listed = $state.raw(NOTHING)
  isLoading = $state(true)
  problem: Refusal | null = $state.raw(null)
  /** Where reading goes on; null when all is read. */
  private cursor: { lane: number; after: number | undefined } | null = $state.raw(null)
  /** Everything up to this version of the operation is in. */
  version: number | null = null
  /** What changed after this version is told of; null before anything is followed. */
  began: number | null = null
  private wanted: Wanted | null = null
  private lastNumber: number | null = null
  private readonly judged = new Set<string>()
  private readonly known = new Map<string, Incident>()
  private generation = 0
  private isReading = false
  /** Rows that somebody asked for, page by page: these are not pushed out. */
  private paged = 0
  /** What has changed since the list was read waits for the server to say whether it is meant. */
  private isToJudge = false
  private isAsking = false
  private isToAskAgain = false
  private readonly options: FeedOptions
  private readonly me: string

  constructor(me: string, options: FeedOptions) {
    this.me = me
    this.options = options
  }

  get hasMore(): boolean {
    return this.cursor !== null
  }

  get operation(): number {
    return this.options.operation
  }

  /** Shows what is wanted from now on. */
  async show(wanted: Wanted): Promise<void> {
    if (this.wanted && JSON.stringify(filtersOf(this.wanted)) === JSON.stringify(filtersOf(wanted))) return
    this.wanted = wanted
    await this.reload()
  }

  async reload(): Promise<void> {
    this.generation += 1
    this.list = NOTHING
    this.judged.clear()
    this.isToJudge = false
    this.cursor = { lane: 0, after: undefined }
    this.paged = 0
    this.isReading = false
    this.isLoading = true
    const generation = this.generation
    if (this.version === null) await this.begin()
    if (generation !== this.generation) return
    // Rows that nothing could be followed from would look like a list that is kept up with.
    if (this.version === null) return void (this.isLoading = false)
    await this.more()
  }

  /** The next page below what is shown. */
  async more(): Promise<void> {
    if (this.isReading || !this.wanted) return
    const generation = this.generation
    this.isReading = this.isLoading = true
    this.problem = null
    try {
      for (let got = 0; this.cursor && got < PAGE; ) {
        const { page, next } = await this.read(this.wanted, this.cursor)
        if (generation !== this.generation) return
        got += page.rows.length
        this.remember(page.rows)
        this.cursor = next
        this.list = append(this.list, this.newest(page.rows).filter(this.arranging(this.wanted).matches))
        this.paged = this.list.rows.length
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (generation === this.generation) this.problem = error
    } finally {
      if (generation === this.generation) this.isReading = this.isLoading = false
    }
  }

  /** Whether there is something to follow, where the operation has come to version `latest`. */
  isBehind(latest: number): boolean {
    return this.version === null || this.isToJudge || latest > this.version
  }

  /** Follows what has changed since the last time; asked for while it asks, it asks once more. Where the beginning
   * was refused, it begins again. */
  async follow(): Promise<void> {
    if (this.version === null) return this.problem && !this.isLoading ? this.reload() : undefined
    if (this.isAsking) return void (this.isToAskAgain = true)
    this.isAsking = true
    try {
      do {
        this.isToAskAgain = false
        await this.followNow()
      } while (this.isToAskAgain)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      // A database that was set back knows no such version.
      if (error.status === 422 || error.status === 409) await this.anew()
    } finally {
      this.isAsking = false
    }
  }

  /** What somebody here has just done: the row as the server says it is now. */
  put(incident: Incident): void {
    if (incident.operation !== this.operation || !contains(this.options.region, incident.place)) return
    this.known.set(incident.id, incident)
    this.takeIn([incident])
  }

  /** Lets in what waited, and lets go what belongs here no longer. */
  settle(): void {
    if (this.wanted) this.list = this.cut(settle(this.list, this.wanted.order))
  }

  find(id: string): Incident | undefined {
    return this.list.rows.find((row) => row.id === id) ?? this.list.waiting.find((row) => row.id === id) ?? this.known.get(id)
  }

  private async begin(): Promise<void> {
    const { generation } = this
    const { api, operation, region } = this.options
    try {
      const page = await api.get<IncidentPage>('/v1/incidents', { operation, region, limit: 1 })
      this.lastNumber = page.rows[0]?.number ?? 0
      this.version ??= page.version
      this.began ??= page.version
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (generation === this.generation) this.problem = error
    }
  }

  private async anew(): Promise<void> {
    this.lastNumber = this.version = this.began = null
    this.known.clear()
    await this.reload()
  }

  private async read(wanted: Wanted, at: { lane: number; after: number | undefined }) {
    const lanes = lanesOf(wanted)
    const asked = questionOf(wanted, lanes[at.lane] ?? [], this.me)
    asked.set('operation', String(this.options.operation))
    asked.set('region', this.options.region)
    asked.set('limit', String(PAGE))
    if (at.after !== undefined) asked.set('after', String(at.after))
    const page = await this.options.api.get<IncidentPage>(`/v1/incidents?${asked}`)
    for (const row of page.rows) this.judged.add(row.id)
    const isLast = at.lane + 1 >= lanes.length
    return { page, next: page.next !== null ? { lane: at.lane, after: page.next } : isLast ? null : { lane: at.lane + 1, after: undefined } }
  }

  private async followNow(): Promise<void> {
    const { api, operation, region } = this.options
    for (let round = 0; this.version !== null; round++) {
      if (round === ROUNDS) return this.anew()
      const found = await api.get<Changes>('/v1/incidents/changes', { operation, region, since: this.version, limit: CHANGES })
      this.version = found.to
      if (found.rows.length > 0) this.hear(found.rows)
      if (!found.is_more) return this.judge()
    }
  }

  private hear(rows: readonly Incident[]): void {
    const last = this.lastNumber ?? 0
    const news = rows.flatMap((incident) => {
      const kind = newsOf(this.known.get(incident.id), incident, last)
      return kind ? [{ incident, kind }] : []
    })
    this.lastNumber = Math.max(last, ...rows.map((row) => row.number))
    if (this.wanted && isServersToJudge(this.wanted) && rows.some((row) => !this.judged.has(row.id))) this.isToJudge = true
    this.remember(rows)
    this.takeIn(rows)
    this.options.onChanged(rows)
    if (news.length > 0) this.options.onNews(news)
  }

  /** Words and watching are the server's to find: which of the newest are meant. Refused, it is asked again with what
   * is followed next; what is new was told of before. */
  private async judge(): Promise<void> {
    const { generation, wanted } = this
    if (!wanted || !this.isToJudge) return
    try {
      for (let lane = 0; lane < lanesOf(wanted).length; lane++) {
        const { page } = await this.read(wanted, { lane, after: undefined })
        if (generation !== this.generation) return
        this.takeIn(page.rows)
      }
      this.isToJudge = false
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }

  private takeIn(rows: readonly Incident[]): void {
    if (this.wanted) this.list = this.cut(take(this.list, this.newest(rows), this.arranging(this.wanted)))
  }

  /** A page may have been read before a change that is here already. */
  private newest(rows: readonly Incident[]): Incident[] {
    return rows.map((row) => {
      const known = this.known.get(row.id)
      return known && known.version > row.version ? known : row
    })
  }

  private arranging(wanted: Wanted): Arranging {
    const isServers = isServersToJudge(wanted)
    return {
      order: wanted.order,
      matches: (row) => matches(wanted, row, this.me) && (!isServers || this.judged.has(row.id)),
      end: this.end(wanted),
      isBusy: this.options.isBusy(),
    }
  }

  private end(wanted: Wanted): Standing | null {
    if (!this.cursor) return null
    const severity = lanesOf(wanted)[this.cursor.lane]?.[0] ?? 'kritis'
    return { severity, number: this.cursor.after ?? Infinity }
  }

  private cut(list: Listed): Listed {
    const rows = trimmed(list.rows, Math.max(MOST, this.paged))
    const last = rows.at(-1)
    if (rows === list.rows || !last || !this.wanted) return list
    // What falls off the end comes again with its page.
    const lane = this.wanted.order === 'berat' ? lanesOf(this.wanted).findIndex((severities) => severities.includes(last.severity)) : 0
    const now = this.end(this.wanted)
    if (now === null || compare(this.wanted.order, last, now) < 0) this.cursor = { lane: Math.max(0, lane), after: last.number }
    return { ...list, rows }
  }

  private remember(rows: readonly Incident[]): void {
    for (const row of rows) {
      const was = this.known.get(row.id)
      if (was && was.version > row.version) continue
      this.known.delete(row.id)
      this.known.set(row.id, row)
    }
    for (const id of this.known.keys()) {
      if (this.known.size <= REMEMBERED) return
      this.known.delete(id)
    }
  }
}
