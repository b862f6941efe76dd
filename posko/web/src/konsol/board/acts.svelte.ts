import { Refusal } from '../../http.ts'
import type { Board } from './board.svelte.ts'
import type { Acted, Detail, Entry, Incident } from './incident.ts'
import type { Action } from './moves.ts'
import { type Tried, whyNot } from './refusals.ts'
import { spokenAfter } from '../spoken.ts'
import { titleOf, whereOf } from './saying.ts'

/** How long what was done, and the way back, stands there. */
const TOLD_MS = 12_000

/** How long what one key does can be taken back before it is sent. */
export const GRACE_MS = 5_000

/**
 * What a key does, not sent yet. Nothing takes an acceptance back on the server, and a slipped key stops an incident's
 * climbing: a moment in which it can still be undone costs a climb nothing. A button is aimed at, and does it at once.
 */
export interface Held {
  action: Action
  incident: Incident
  /** By `performance.now()`. */
  until: number
  send: () => Promise<unknown>
}

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

/** What somebody at this board does about incidents, and how it went. */
export class Acts {
  /** What is under way, by incident. */
  underWay: ReadonlyMap<string, string> = $state.raw(new Map())
  held: Held | null = $state.raw(null)
  asked: Asked | null = $state.raw(null)
  told: Told | null = $state.raw(null)
  private heldTimer: ReturnType<typeof setTimeout> | null = null
  private toldTimer: ReturnType<typeof setTimeout> | null = null
  private readonly board: Board

  constructor(board: Board) {
    this.board = board
  }

  /** The board is left: what is held is sent, not lost. */
  stop(): void {
    void this.sendHeld()
    if (this.toldTimer) clearTimeout(this.toldTimer)
  }

  /** Sends it in a while, unless it is taken back; what was held before is sent at once. */
  hold(action: Action, incident: Incident, send: Held['send']): void {
    void this.sendHeld()
    this.tell(null)
    this.held = { action, incident, until: performance.now() + GRACE_MS, send }
    this.heldTimer = setTimeout(() => void this.sendHeld(), GRACE_MS)
  }

  async sendHeld(): Promise<void> {
    await this.release()?.send()
  }

  takeBack(): void {
    const held = this.release()
    if (held) this.tell({ text: this.board.words.say('board.held.back', { what: titleOf(this.board.words, held.incident) }), isRefused: false, undo: null })
  }

  private release(): Held | null {
    const { held } = this
    if (this.heldTimer) clearTimeout(this.heldTimer)
    this.heldTimer = this.held = null
    return held
  }

  /** Does it, and says how it went; a refusal is told in words that say what to do. Whether it worked. */
  async act(action: Tried['action'], incident: Incident, work: () => Promise<Pick<Acted, 'incident'>>, undo: Told['undo'] = null): Promise<boolean> {
    const why = await this.attempt(action, incident, work)
    if (why !== null && this.board.konsol.board !== this.board) this.tellElsewhere(incident, why)
    else if (why !== null) this.tell({ text: why, isRefused: true, undo: null })
    else this.tell({ text: this.saidOf(action, incident), isRefused: false, undo })
    return why === null
  }

  /** Does it; null, or why not. */
  async attempt(action: Tried['action'], incident: Incident, work: () => Promise<Pick<Acted, 'incident'>>, other: Incident | null = null): Promise<string | null> {
    const { board } = this
    this.underWay = new Map(this.underWay).set(incident.id, action)
    try {
      const { incident: now } = await work()
      board.put(now)
      board.arrivals.read(incident.id)
      if (board.open?.id === now.id) {
        board.open.incident = now
        void board.open.read()
      }
      void board.follow()
      return null
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { now, last } = error.status === 409 ? await this.truth(incident) : { now: null, last: null }
      return whyNot(board.words, error, { action, seen: incident, now, last, other, seat: board.seat })
    } finally {
      const left = new Map(this.underWay)
      left.delete(incident.id)
      this.underWay = left
    }
  }

  async watch(incident: Incident, isWatched: boolean): Promise<void> {
    const { board } = this
    const path = `/v1/incidents/${incident.id}/watch`
    try {
      await (isWatched ? board.api.put(path) : board.api.delete(path))
      const undo = async (): Promise<void> => this.watch(incident, !isWatched)
      this.tell({ text: this.saidOf(isWatched ? 'watch' : 'unwatch', incident), isRefused: false, undo })
      if (board.open?.id === incident.id) await board.open.read()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.tell({ text: whyNot(board.words, error, { action: 'watch', seen: incident, now: null, last: null, seat: board.seat }), isRefused: true, undo: null })
    }
  }

  /** Says what was done; it goes by itself, unless it was refused. */
  tell(told: Told | null): void {
    if (this.toldTimer) clearTimeout(this.toldTimer)
    this.told = told && { ...told, text: spokenAfter(this.told?.text ?? '', told.text) }
    if (told && !told.isRefused) this.toldTimer = setTimeout(() => (this.told = null), TOLD_MS)
  }

  /** Whoever left the board trusts that it was done: that it was not is told where they are now. */
  private tellElsewhere(incident: Incident, why: string): void {
    const { konsol, words } = this.board
    konsol.refused = { text: words.say('lookout.refused', { what: titleOf(words, incident), where: whereOf(incident), why }), incident }
  }

  saidOf(action: string, incident: Incident): string {
    const { words } = this.board
    return words.say(`board.did.${action}`, { what: titleOf(words, incident) })
  }

  /** How an incident is now, and what was done about it last: for who was refused. */
  private async truth(incident: Incident): Promise<{ now: Incident | null; last: Entry | null }> {
    const { board } = this
    const path = `/v1/incidents/${incident.id}`
    try {
      const { incident: now } = await board.api.get<Detail>(path)
      board.put(now)
      if (board.open?.id === now.id) await board.open.read()
      const { rows } = await board.api.get<{ rows: Entry[] }>(`${path}/entries`, { limit: 200 })
      return { now, last: rows.length < 200 ? (rows.at(-1) ?? null) : null }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { now: null, last: null }
    }
  }
}
