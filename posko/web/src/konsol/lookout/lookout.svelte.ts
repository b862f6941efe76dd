import { Refusal } from '../../http.ts'
import { contains } from '../../places.ts'
import { type Alarm, isWaiting } from '../alarms/alarm.ts'
import { titleOf as titleOfAlarm } from '../alarms/naming.ts'
import { type Chime, chimeOf } from '../board/chime.svelte.ts'
import { Feed, type News } from '../board/feed.svelte.ts'
import type { Incident } from '../board/incident.ts'
import { titleOf, whereOf } from '../board/saying.ts'
import type { Konsol } from '../konsol.svelte.ts'
import { spokenAfter } from '../spoken.ts'
import { isGrave, isOurs, isTaken, isUrgent, type Item, withNews } from './heard.ts'

interface Alarms {
  version: number
  rows: Alarm[]
}

/** Alarms of one look; after a longer sleep the others are found on their own view. */
const LIMIT = 100

/** Listens to all that a seat sees, whatever of it is looked at: what is urgent is heard once, and stands there until it is in hand. */
export class Lookout {
  readonly chime: Chime
  items: Item[] = $state.raw([])
  /** For those who listen. */
  said = $state('')
  private readonly konsol: Konsol
  private readonly feeds: Feed[]
  private readonly lanes: Feed[]
  /** Alarms up to this version of the operation are known. */
  private alarmsAt: number | null = null
  private readonly alarmsTold = new Set<string>()

  constructor(konsol: Konsol) {
    this.konsol = konsol
    this.chime = chimeOf(konsol)
    const { operation, seat } = konsol
    const lane = seat?.cleared ? operation.restricted_lane : null
    this.feeds = konsol.tops.map((top) => this.feedOf(operation.id, top))
    this.lanes = lane == null ? [] : konsol.tops.map((top) => this.feedOf(lane, top))
  }

  /** What is there already is no news. */
  async begin(): Promise<void> {
    await Promise.all([...[...this.feeds, ...this.lanes].map((feed) => feed.reload()), this.lookAtAlarms()])
  }

  /** Asks for what has changed since the last time. */
  async look(): Promise<void> {
    await Promise.all([...this.feeds.map((feed) => feed.follow()), this.lookAtAlarms()])
  }

  /** The restricted lane has a version of its own, which the numbers of a region do not tell. */
  async lookAtLanes(): Promise<void> {
    await Promise.all(this.lanes.map((feed) => feed.follow()))
  }

  get hasLanes(): boolean {
    return this.lanes.length > 0
  }

  /** Somebody has seen it, or does not want to see it here. */
  drop(which: (item: Item) => boolean): void {
    if (this.items.some(which)) this.show(this.items.filter((item) => !which(item)))
  }

  titleOf(item: Item): string {
    const { words, operation } = this.konsol
    if (item.kind === 'alarm') return words.say('lookout.alarm', { what: titleOfAlarm(words, operation, item.alarm), where: item.alarm.place_name })
    return words.say(item.isWorse ? 'lookout.worse' : 'lookout.new', { what: titleOf(words, item.incident), where: whereOf(item.incident) })
  }

  private feedOf(operation: number, region: string): Feed {
    return new Feed(this.konsol.session.session?.account.username ?? '', {
      api: this.konsol.session.api,
      operation,
      region,
      isBusy: () => false,
      onNews: (news) => this.hear(news),
      onChanged: (rows) => this.changed(rows),
    })
  }

  private hear(news: readonly News[]): void {
    const { told, board } = this.konsol
    const urgent = news.filter(({ incident }) => isUrgent(incident) && !told.has(incident.id, incident.version) && !board?.tells(incident))
    this.tell(urgent.map(({ incident, kind }) => {
      told.note(incident.id, incident.version)
      return { kind: 'incident', id: incident.id, incident, isWorse: kind === 'worse' }
    }))
  }

  private changed(rows: readonly Incident[]): void {
    const taken = new Set(rows.filter(isTaken).map(({ id }) => id))
    this.drop(({ id }) => taken.has(id))
  }

  private async lookAtAlarms(): Promise<void> {
    const since = this.alarmsAt
    const asked = { operation: this.konsol.operation.id, limit: since === null ? 1 : LIMIT, since: since ?? undefined }
    const { tops } = this.konsol
    try {
      const standing = await this.alarmsOf(tops, { ...asked, standing: 'true' })
      const ended = since !== null && this.items.some(({ kind }) => kind === 'alarm') ? await this.alarmsOf(tops, { ...asked, standing: 'false' }) : null
      this.alarmsAt = standing.version
      if (since === null) return
      const over = new Set([...standing.rows, ...(ended?.rows ?? [])].filter((alarm) => !isWaiting(alarm)).map(({ id }) => id))
      this.drop(({ id }) => over.has(id))
      const fresh = standing.rows.filter((alarm) => isOurs(alarm, tops) && !this.alarmsTold.has(alarm.id))
      for (const { id } of fresh) this.alarmsTold.add(id)
      this.tell(fresh.map((alarm) => ({ kind: 'alarm', id: alarm.id, alarm })))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      // A database that was set back knows no such version.
      if (error.status === 422 || error.status === 409) this.alarmsAt = null
    }
  }

  private async alarmsOf(tops: readonly string[], asked: Record<string, string | number | undefined>): Promise<Alarms> {
    const pages = await Promise.all(tops.map((region) => this.konsol.session.api.get<Alarms>('/v1/alarms', { ...asked, region })))
    return { version: Math.min(...pages.map(({ version }) => version)), rows: pages.flatMap(({ rows }) => rows) }
  }

  private tell(news: Item[]): void {
    const [first] = news
    if (!first) return
    this.chime.play(news.some(isGrave) ? 'kritis' : 'tinggi')
    const said = news.length > 1 ? this.konsol.words.say('lookout.many', { n: news.length, what: this.titleOf(first) }) : this.titleOf(first)
    this.said = spokenAfter(this.said, said)
    this.show(withNews(this.items, news))
  }

  private show(items: Item[]): void {
    this.items = items
    this.konsol.urgent = items.length
  }
}

/** Whether what stands in the banner is looked at on the page that is open. */
export function isLookedAt(item: Item, route: Konsol['route']): boolean {
  if (route.page !== 'view') return false
  if (item.kind === 'incident') return route.view === 'kejadian' && route.subject === item.id
  return route.view === 'alarm' && contains(route.code, item.alarm.place)
}
