import { getContext, setContext } from 'svelte'
import type { Preferences } from '../page/preferences.svelte.ts'
import { contains, isTps, offsetOf, zoneOf } from '../places.ts'
import type { Content, Contest, Operation, OperationDetail, Tps } from '../records.ts'
import type { Words } from '../words.ts'
import type { Received } from './due.ts'
import type { Field } from './field.svelte.ts'
import { toObserved } from './hour.ts'
import { isUnsaid, withActs } from './outbox/act.ts'
import type { Draft, Item } from './outbox/item.ts'
import type { Outbox } from './outbox/outbox.svelte.ts'
import { parse, type Route } from './routes.ts'
import { type Filed, filedOf, type Task, tasksOf } from './tasks.ts'

const TICK_MS = 1000

/** Who called the desk, and how. */
export interface Caller {
  name: string
  channel: 'telepon' | 'radio' | 'desk'
}

/** What is beside the content of a report. */
export interface Filing {
  /** When it was observed, milliseconds since 1970. */
  moment: number
  photos?: Draft['photos']
  voice?: Draft['voice']
  restricted?: boolean
  caller?: Caller | null
  begun?: Draft['begun']
}

/** The operation and the TPS that something is said of. */
export type Where = Pick<Draft, 'operation' | 'place'>

/** The officer's page: where somebody is in it, and what all of its screens read. */
export class Lapor {
  readonly preferences: Preferences
  readonly field: Field
  readonly outbox: Outbox
  route: Route = $state.raw(parse(location.hash))
  private ticks = $state(0)
  /** The report that was filed last on this screen. */
  justFiled: string | null = $state(null)
  /** How many of its photos could not be sent with it. */
  leftOut = $state(0)
  /** Named anew for every report and every TPS; the channel stays. */
  readonly caller: Caller = $state({ name: '', channel: 'telepon' })

  constructor(preferences: Preferences, field: Field, outbox: Outbox) {
    this.preferences = preferences
    this.field = field
    this.outbox = outbox
  }

  /** Lets the clock go; answers what stops it. */
  tick(): () => void {
    const ticking = setInterval(() => (this.ticks += 1), TICK_MS)
    return () => clearInterval(ticking)
  }

  /** The operation's clock, milliseconds since 1970: every second, and as soon as more is known of it. */
  readonly now: number = $derived.by(() => {
    void this.ticks
    return this.field.now().getTime()
  })

  get words(): Words {
    return this.preferences.words
  }

  /** A time by the clock on the wall, as it is said: in a drill, whose clock is another, with whose it is. */
  wall(time: string): string {
    return this.operation?.mode === 'drill' ? this.words.say('clock.wall', { time }) : time
  }

  get operation(): OperationDetail | null {
    return this.field.operation?.value ?? null
  }

  /** Those that one may change to, and the one that is worked on. */
  get underWay(): Operation[] {
    return (this.field.operations?.value ?? []).filter(({ state }) => state === 'active')
  }

  /** The TPS that is worked on. */
  readonly code: string | null = $derived.by(() => this.field.place?.code ?? null)

  get here(): Where | null {
    return this.operation && this.code ? { operation: this.operation.id, place: this.code } : null
  }

  get station(): Tps | null {
    return this.field.place?.tps?.value ?? null
  }

  get offset(): number {
    return offsetOf(this.code ?? this.operation?.root_code ?? '31')
  }

  get zone(): string {
    return zoneOf(this.code ?? this.operation?.root_code ?? '31')
  }

  /** A desk files for others, and says for whom. */
  get isDesk(): boolean {
    const role = this.field.session?.seat?.role
    return role !== undefined && role !== 'petugas'
  }

  /** More than one TPS lies within the seat. */
  get hasMany(): boolean {
    const regions = this.field.session?.seat?.regions ?? []
    const isOnly = (regions.length === 1 && isTps(regions[0] ?? '')) || this.field.choices?.value.length === 1
    return !isOnly
  }

  get contests(): Contest[] {
    const code = this.code
    return code === null ? [] : (this.operation?.contests ?? []).filter(({ region_code }) => contains(region_code, code))
  }

  get items(): Item[] {
    return this.outbox.items
  }

  /** Whether a report is about the operation and the TPS that are worked on: only then is it corrected or filed anew here. */
  isHere({ report }: Item): boolean {
    return report.operation === this.operation?.id && report.place === this.code
  }

  /** The operation of a report where it is another than is worked on, as far as it is known. */
  elsewhere({ report }: Item): Operation | null {
    return report.operation === this.operation?.id ? null : (this.field.operations?.value.find(({ id }) => id === report.operation) ?? null)
  }

  /** What this device has said of the TPS and still holds. */
  readonly filed: Filed[] = $derived.by(() => (this.operation && this.code ? filedOf(this.outbox.items, this.operation.id, this.code) : []))

  readonly tasks: Task[] = $derived.by(() => tasksOf(this.field.place?.owed?.value.obligations ?? [], this.filed, this.now))

  readonly directives: Received[] = $derived.by(() => withActs(this.field.place?.directives?.value ?? [], this.outbox.acts, this.code, this.field.place?.directives?.fetched_at ?? 0))

  get unread(): number {
    return this.directives.filter(({ state, withdrawn_at }) => state === 'terkirim' && withdrawn_at === null).length
  }

  /** Filed, or said to a directive, and not yet accepted; refused. */
  get waiting(): number {
    return this.reporting + this.saying
  }

  get reporting(): number {
    return this.outbox.items.filter(({ standing }) => standing === 'antre' || standing === 'terkirim').length
  }

  get saying(): number {
    return this.outbox.acts.filter(isUnsaid).length
  }

  /** Photos and voice notes of what is accepted that are still to be sent. */
  get following(): number {
    return this.outbox.items.reduce((total, { standing, photos, voice }) => total + (standing === 'diterima' ? [...photos, ...(voice ? [voice] : [])].filter((film) => film.standing === 'antre').length : 0), 0)
  }

  get refused(): number {
    return this.outbox.items.filter(({ standing }) => standing === 'ditolak').length
  }

  /** Files a report of the TPS that is worked on, or was when somebody said so; resolves when this phone has it. */
  async file(content: Content, { moment, photos = [], voice = null, restricted = false, caller = null, begun = null }: Filing, where = this.here): Promise<Item> {
    if (!where) throw new Error('no TPS is chosen')
    const draft: Draft = { ...where, content, observed_at: toObserved(moment, offsetOf(where.place)), begun }
    if (photos.length > 0) draft.photos = photos
    if (voice) draft.voice = voice
    if (restricted) draft.restricted = true
    if (this.isDesk) draft.channel = caller?.channel ?? 'desk'
    if (this.isDesk && caller?.name.trim()) draft.on_behalf_of = caller.name.trim()
    const item = await this.outbox.file(draft)
    this.justFiled = item.id
    this.leftOut = 0
    this.caller.name = ''
    return item
  }
}

const KEY = Symbol('lapor')

export function provideLapor(lapor: Lapor): Lapor {
  return setContext(KEY, lapor)
}

export function useLapor(): Lapor {
  return getContext<Lapor>(KEY)
}
