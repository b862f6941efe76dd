import { getContext, setContext } from 'svelte'
import { Refusal } from '../../http.ts'
import { offsetOf } from '../../places.ts'
import type { Problem } from '../../wire.ts'
import { isUnsaid, type KeptAct, type Saying } from './act.ts'
import { bodyOf } from './body.ts'
import { better, corrected, isCurrent, rfc3339, type Skew, skewSeconds, steadyNow } from './clock.ts'
import { Database, type Film, type Who } from './database.ts'
import { fetchDisk } from './fetchDisk.ts'
import { type Draft, type Item, NobodyHere, type Others, StorageFull } from './item.ts'
import { isFollowed, isUnsent, itemOf, type Kept, othersOf } from './kept.ts'
import { persist } from './persist.ts'
import { Rounds } from './rounds.svelte.ts'
import type { Fresh, Shelf } from './shelf.ts'
import { Tabs } from './tabs.ts'
import { uuid7 } from '../../uuid7.ts'

/**
 * `sepi` nothing to send · `mengirim` · `luring` no network · `menunggu` for its next try · `perlu_masuk` the session has
 * ended: it goes on by itself after signing in · `penuh` the phone has no room.
 */
export type OutboxStanding = 'sepi' | 'mengirim' | 'luring' | 'menunggu' | 'perlu_masuk' | 'penuh'

/** Everything that was filed on this phone by whoever is signed in, and the sending of it. */
export class Outbox {
  /** The newest first; the same in every tab. */
  items: Item[] = $state.raw([])
  /** What was said to directives, the oldest first: all that waits or was refused, and what was taken lately. */
  acts: KeptAct[] = $state.raw([])
  /** What the server said last to the whole of what was sent, if it was no: why it is waited. */
  held: Problem | null = $state.raw(null)
  /** The last try found no server. */
  isUnanswered = $state(false)
  /** What other people filed here and is not sent yet. */
  others: Others[] = $state.raw([])
  /** Once what lies on this phone has been read. */
  isOpen = $state(false)

  readonly database = new Database(async (events) => (await fetchDisk()).openStores(events))
  private kept: Shelf | null = null
  private readonly tabs = new Tabs(() => void this.heard())
  private readonly rounds = new Rounds(this.database, () => this.load(), () => this.changed())
  private who: Who | null = $state.raw(null)
  private skew: Skew | null = $state.raw(null)
  private needsSignIn = $state(false)
  private loads = 0
  /** Somebody was just signed in: until that is noted, what is filed waits; where it cannot be, nothing is filed in another's name. */
  private belonging: Promise<void> = Promise.resolve()
  private newcomer: Who | null = null

  /** What time it is where reports are about: the drill's hour in a drill. Given the corrected clock, milliseconds. */
  operationTime: (now_ms: number) => number = (now_ms) => now_ms

  /** Something that was said to a directive has been taken: how it stands is to be asked for again. */
  onTaken: () => void = () => undefined

  /** This phone's clock minus the server's, milliseconds; null while that is not known: not measured yet, or not any more. */
  get skew_ms(): number | null {
    return this.currentSkew()?.ms ?? null
  }

  /** What was measured, and is not believed any more: somebody set the clock since, or it is long ago. */
  get doubtful_ms(): number | null {
    return this.currentSkew() === null ? (this.skew?.ms ?? null) : null
  }

  /** When the next try is, milliseconds since 1970 by this phone's clock; null while none is waited for. */
  get next_at(): number | null {
    return this.rounds.next_at
  }

  get standing(): OutboxStanding {
    if (this.rounds.isFull) return 'penuh'
    if (!this.items.some(isFollowed) && !this.items.some(isUnsent) && !this.acts.some(isUnsaid)) return 'sepi'
    if (this.needsSignIn) return 'perlu_masuk'
    if ([...this.items, ...this.acts].some(({ standing }) => standing === 'terkirim')) return 'mengirim'
    if (!this.rounds.isOnline) return 'luring'
    return this.next_at === null || this.next_at <= Date.now() ? 'mengirim' : 'menunggu'
  }

  /** Takes up what lies on this phone, and goes on sending. */
  async open(): Promise<void> {
    addEventListener('online', () => this.came(true))
    addEventListener('offline', () => this.came(false))
    document.addEventListener('visibilitychange', () => this.looked())
    await this.load()
    this.isOpen = true
    if (!this.rounds.isOnline) void this.rounds.settle()
    this.rounds.wake('urged')
  }

  /** Somebody is signed in: theirs is shown and sent, what others left stays. Rejects with StorageFull. */
  belongTo(who: Who): Promise<void> {
    this.newcomer = who
    this.belonging = this.takeOver(who)
    this.belonging.catch(() => undefined) // told where it is waited for
    return this.belonging
  }

  private async takeOver(who: Who): Promise<void> {
    const shelf = await this.shelf()
    if (!(await shelf.belongTo(who))) return
    await this.changed()
    this.rounds.wake('urged')
  }

  /** Whose it is that is filed now. */
  private async reporter(): Promise<Who> {
    const { newcomer } = this
    // What notes it may not have come yet: it is fetched once more.
    await this.belonging.catch((error: unknown) => {
      if (!(error instanceof Refusal) || newcomer === null) throw error
      return this.belongTo(newcomer)
    })
    if (this.who === null) throw new NobodyHere()
    return this.who
  }

  /** Who was signed in here last. */
  async lastWho(): Promise<Who | null> {
    return (await this.shelf()).who()
  }

  /** The corrected clock, milliseconds since 1970. */
  now(): number {
    return corrected(Date.now(), this.currentSkew())
  }

  private currentSkew(): Skew | null {
    return this.skew && isCurrent(this.skew, Date.now(), steadyNow()) ? this.skew : null
  }

  /** What an answer of the server said of its clock. */
  async learn(measured: Skew | null): Promise<void> {
    if (measured === null) return
    this.skew ??= measured
    const shelf = await this.shelf()
    this.skew = better(await shelf.note('skew'), measured)
    await shelf.write('skew', this.skew)
  }

  /** Resolves when it is on disk. Rejects with StorageFull, NobodyHere, FiledAlready. */
  async file(draft: Draft): Promise<Item> {
    const who = await this.reporter()
    const [id, made_ms] = [draft.begun?.report ?? uuid7(this.now()), Date.now()]
    const clock_skew_s = skewSeconds(this.currentSkew())
    const observed_at = rfc3339(this.operationTime(this.now()), offsetOf(draft.place))
    const films = [...(draft.photos ?? []), ...(draft.voice ? [draft.voice] : [])].map(({ sha256, type, data }) => ({ id, sha256, type, data }))
    const { freshOf } = await fetchDisk()
    const kept = await this.put(freshOf({ ...draft, clock_skew_s }, id, observed_at, who, made_ms), films, draft.begun?.key ?? null)
    // It is kept: whatever else fails, it is not to be filed again.
    await this.changed().catch((error: unknown) => console.error(error))
    this.rounds.makeWay()
    this.rounds.wake('yes')
    void persist()
    return itemOf(kept)
  }

  /** Says something to a directive of a place; resolves when it is on disk. The same again is the same. Rejects with StorageFull, NobodyHere. */
  async say(directive: string, place: string, act: Saying, said: Record<string, string> = {}): Promise<void> {
    const { account } = await this.reporter()
    await (await this.shelf()).addAct({ account, directive, place, act, body: bodyOf(said), standing: 'antre', tries: 0, next_at: null, done_at: null, refusal: null }, Date.now())
    await this.changed().catch((error: unknown) => console.error(error))
    this.rounds.makeWay()
    this.rounds.wake('yes')
    void persist()
  }

  /** Takes away what a directive did not take. */
  async forgetAct(order: number): Promise<void> {
    await (await this.shelf()).forgetAct(order)
    await this.changed()
  }

  /** Tries now, whatever was waited for; only what the server asked for is waited. */
  sendNow(): void {
    this.came(navigator.onLine)
  }

  /** Takes away what was refused; of anything else: nothing happens. */
  async forget(id: string): Promise<void> {
    await (await this.shelf()).forget(id)
    this.rounds.isFull = false
    await this.changed()
  }

  /** Puts what was refused back into the queue, the same bytes: where what stood in its way may have gone. */
  async again(id: string): Promise<void> {
    await (await this.shelf()).change([id], (item) => (item.standing === 'ditolak' ? { ...item, standing: 'antre', next_at: null, refusal: null } : null))
    await this.changed()
    this.rounds.wake('urged')
  }

  /** A photo or voice note as it is kept here, until it has been sent. */
  async photo(id: string, sha256: string): Promise<Blob | null> {
    const film = await (await this.shelf()).film(id, sha256)
    return film ? new Blob([film.data], { type: film.type }) : null
  }

  private async put(item: Fresh, films: Film[], begun: string | null): Promise<Kept> {
    try {
      const kept = await (await this.shelf()).add(item, films, begun)
      this.rounds.isFull = false
      return kept
    } catch (error) {
      this.rounds.isFull = error instanceof StorageFull
      throw error
    }
  }

  /** Rejects with a Refusal while what writes is not here yet, and no network to fetch it by. */
  private async shelf(): Promise<Shelf> {
    if (this.kept) return this.kept
    const { Shelf } = await fetchDisk()
    return (this.kept ??= new Shelf(this.database))
  }

  private async load(): Promise<void> {
    const load = (this.loads += 1)
    const shelf = await this.shelf()
    const [who, skew, needs, line, unsent] = await Promise.all([shelf.who(), shelf.note('skew'), shelf.note('needs_sign_in'), shelf.line(), shelf.unsent()])
    const [own, acts, next_at] = who ? await Promise.all([shelf.of(who.account), shelf.acts(who.account), shelf.nextAt(who)]) : [[], [], null]
    // A later look has seen more.
    if (load !== this.loads) return
    this.who = who
    this.skew = skew
    this.needsSignIn = who !== null && needs === who.account
    this.rounds.next_at = next_at
    this.held = line.held
    this.isUnanswered = line.failures > 0 && line.held === null
    this.items = own.map(itemOf)
    const wereUnsaid = this.acts.filter(isUnsaid).map(({ order }) => order)
    this.acts = acts
    if (acts.some(({ order, standing }) => standing === 'diterima' && wereUnsaid.includes(order))) this.onTaken()
    this.others = othersOf(unsent, who)
  }

  /** Something on the shelf is new: every tab looks. */
  private changed(): Promise<void> {
    this.tabs.tell()
    return this.load()
  }

  private async heard(): Promise<void> {
    await this.load()
    if (this.items.some(isUnsent) || this.acts.some(isUnsaid)) this.rounds.makeWay()
    this.rounds.wait()
  }

  private came(isOnline: boolean): void {
    this.rounds.isOnline = isOnline
    this.rounds.wake('urged')
  }

  private looked(): void {
    if (document.visibilityState === 'hidden') return void this.leaveToWorker()
    void this.load()
    this.came(navigator.onLine)
  }

  /** Whoever puts the phone away with something to send: the browser wakes the service worker when there is a network.
   * Not on iOS: there it is sent when the page is opened again. */
  private async leaveToWorker(): Promise<void> {
    if (!(this.items.some(isUnsent) || this.acts.some(isUnsaid)) || !('serviceWorker' in navigator)) return
    const registration = (await navigator.serviceWorker.getRegistration()) as (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } }) | undefined
    await registration?.sync?.register('posko.lapor').catch(() => undefined)
  }
}

const KEY = Symbol('outbox')

export function provideOutbox(outbox: Outbox): Outbox {
  return setContext(KEY, outbox)
}

export function useOutbox(): Outbox {
  return getContext<Outbox>(KEY)
}
