import { getContext, setContext } from 'svelte'
import { Counts, slotsOf } from '../counters.ts'
import { Watch } from '../live/watch.svelte.ts'
import { Preferences } from '../page/preferences.svelte.ts'
import { contains, isTps, topsOf } from '../places.ts'
import { type Due, duesOf } from '../plan.ts'
import type { OperationDetail } from '../records.ts'
import type { View } from '../store.ts'
import { Board } from './board.svelte.ts'
import { further } from './round.ts'
import { parseWall, type WallRoute } from './route.ts'
import { WallSession } from './session.svelte.ts'
import { unitOf } from './unit.ts'
import { CATALOGUES } from './words.ts'
import { type Trouble, troubleOf, worstFirst } from './worst.ts'

/** A region as it was last heard of. */
interface Shown {
  code: string
  view: View
  asOf: string | null
  /** When the server vouched for it, by `performance.now()`. */
  vouchedAt: number
}

/** The whole state of a wall. */
export class Wall {
  readonly preferences: Preferences
  readonly session = new WallSession()
  readonly watch = new Watch(this.session.api, () => this.session.end())
  readonly board = new Board(this.session.api)
  route: WallRoute | null = $state.raw(parseWall(location.hash))
  isPaused = $state(false)
  /** Pixels that all sizes are shares of. */
  unit = $state(unitOf(innerWidth, innerHeight))
  /** `performance.now()`, every second. */
  tick = $state(performance.now())
  /** Kept while the next region of the round is on its way: the wall is never empty. */
  shown: Shown | null = $state.raw(null)
  /** The region of the round whose turn it is. */
  turn: string | null = $state(null)
  /** The regions of the round, the root of it first. */
  ring: string[] = $state.raw([])
  private turnedAt = performance.now()

  constructor(preferences = new Preferences(CATALOGUES)) {
    this.preferences = preferences
  }

  get words() {
    return this.preferences.words
  }

  get operation(): OperationDetail {
    if (!this.session.operation) throw new Error('no operation is chosen')
    return this.session.operation
  }

  /** The topmost codes that this seat sees of an operation. */
  topsOf(root: string): string[] {
    return topsOf(this.session.session?.seat?.regions ?? [], root)
  }

  /** What the address asks for, or the nearest that this seat sees. */
  get root(): string {
    const asked = this.route?.code ?? this.operation.root_code
    const tops = this.topsOf(this.operation.root_code)
    return tops.some((top) => contains(top, asked)) ? asked : (tops[0] ?? this.operation.root_code)
  }

  /** Milliseconds since the server vouched for what is shown. */
  get age(): number | null {
    if (this.watch.view && this.watch.age !== null) return this.watch.age
    return this.shown && this.tick - this.shown.vouchedAt
  }

  get standing(): 'langsung' | 'tertinggal' | 'terputus' | 'waiting' {
    if (this.shown === null) return 'waiting'
    // The next of the round does not come: what still hangs here grows old.
    const isOld = this.watch.view === null && this.watch.standing === 'langsung' && (this.age ?? 0) > this.watch.patience_ms
    return isOld ? 'tertinggal' : this.watch.standing
  }

  /** The server's time now, milliseconds since 1970. */
  get serverNow(): number | null {
    return this.shown?.asOf ? Date.parse(this.shown.asOf) + (this.tick - this.shown.vouchedAt) : null
  }

  /** What time it is in the operation: a drill may be played at another hour. */
  get now(): number | null {
    return this.board.now(this.tick) ?? this.serverNow
  }

  /** Takes over what the watch knows, and the rows below the root for the round. */
  keep(): void {
    const { view, age, asOf } = this.watch
    if (!view) return
    const code = view.topic.slice(view.topic.indexOf(':') + 1)
    this.shown = { code, view, asOf, vouchedAt: performance.now() - (age ?? 0) }
    if (code === this.root) this.ring = this.ringOf(view)
  }

  counts(code: string): Counts {
    const view = this.shown?.view
    return new Counts(slotsOf(view?.counters ?? this.operation.counters), view?.rows.get(code)?.counters ?? [])
  }

  nameOf(code: string): string {
    return this.shown?.view.names[code] ?? code
  }

  dues(code: string): Map<string, Due> {
    return duesOf(this.operation, code, this.now ?? Date.now(), this.counts(code))
  }

  /** How each child of the region that is shown stands, the worst first. */
  get troubles(): Trouble[] {
    return this.shown ? this.rank(this.shown.view, this.shown.code) : []
  }

  /** Turns to a region of the round by hand or by the clock. */
  step(by: number): void {
    this.turn = further(this.ring, this.turn ?? this.root, by) ?? this.root
    this.turnedAt = this.tick
  }

  /** Every second: the next region when its time has come. What is cut off stays where it is, for there is nothing newer to show. */
  beat(): void {
    this.tick = performance.now()
    const every_s = this.route?.every_s
    if (!every_s || this.isPaused || this.standing !== 'langsung' || !this.watch.view) return
    if (this.tick - this.turnedAt >= every_s * 1000) this.step(1)
  }

  private ringOf(view: View): string[] {
    const codes = this.route?.order === 'terburuk' ? this.rank(view, this.root).map(({ code }) => code) : [...view.rows.keys()].sort()
    return [this.root, ...codes.filter((code) => code !== this.root && !isTps(code))]
  }

  private rank(view: View, parent: string): Trouble[] {
    const slots = slotsOf(view.counters)
    const whole = new Counts(slots, view.rows.get(parent)?.counters ?? [])
    const dues = duesOf(this.operation, parent, this.now ?? Date.now(), whole)
    const past = [...dues].filter(([, due]) => due === 'past').map(([milestone]) => milestone)
    const children = [...view.rows.values()].filter(({ code }) => code !== parent)
    return children.map(({ code, counters }) => troubleOf(code, new Counts(slots, counters), past)).sort(worstFirst)
  }
}

const KEY = Symbol('wall')

export function provideWall(wall: Wall): Wall {
  return setContext(KEY, wall)
}

export function useWall(): Wall {
  return getContext<Wall>(KEY)
}
