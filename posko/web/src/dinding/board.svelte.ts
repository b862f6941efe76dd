import { Refusal, type Api } from '../http.ts'

/** An open incident as a wall may show it. */
export interface Posted {
  category: string
  severity: 'kritis' | 'tinggi' | 'sedang' | 'rendah'
  status: string
  place: string
  place_name: string
  region_name: string | null
  opened_at: string
}

interface Answer {
  at: string
  speed: number
  rows: Posted[]
}

const ROWS = 16
/** The counters move with every report; the list is asked for this often at most. */
const PAUSE_MS = 5_000

/** The open incidents of the region that is shown, and what time it is in its operation. */
export class Board {
  rows: Posted[] = $state.raw([])
  /** Of these the ones that were not there before. */
  arrived: ReadonlySet<string> = $state.raw(new Set<string>())
  /** When the list was read, by `performance.now()`; null: not yet, of this region. */
  readAt: number | null = $state(null)
  /** It could not be read the last time. */
  isFailing = $state(false)
  /** The operation's clock and how fast it goes; null before the first answer. */
  clock: { at: number; speed: number; heardAt: number } | null = $state.raw(null)
  private readonly api: Api
  private shown = ''
  private askedAt = -Infinity
  private timer: ReturnType<typeof setTimeout> | null = null

  constructor(api: Api) {
    this.api = api
  }

  /** Soon the list of this region, however often it is asked for. */
  ask(operation: number, code: string): void {
    const isOther = this.shown !== `${operation}:${code}`
    if (this.timer && !isOther) return
    this.stop()
    const wait = isOther ? 0 : Math.max(300, this.askedAt + PAUSE_MS - performance.now())
    this.timer = setTimeout(() => {
      this.timer = null
      void this.load(operation, code)
    }, wait)
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
  }

  /** Milliseconds since 1970 of the operation's clock at a reading of this machine's. */
  now(reading: number): number | null {
    return this.clock && this.clock.at + (reading - this.clock.heardAt) * this.clock.speed
  }

  private async load(operation: number, code: string): Promise<void> {
    const name = `${operation}:${code}`
    const isOther = this.shown !== name
    this.shown = name
    this.askedAt = performance.now()
    if (isOther) {
      this.rows = []
      this.readAt = null
    }
    try {
      const answer = await this.api.get<Answer>(`/v1/regions/${code}/board`, { operation, limit: ROWS })
      if (this.shown !== name) return
      const before = new Set(this.rows.map(keyOf))
      this.arrived = new Set(isOther ? [] : answer.rows.map(keyOf).filter((key) => !before.has(key)))
      this.rows = answer.rows
      this.readAt = performance.now()
      this.isFailing = false
      this.clock = { at: Date.parse(answer.at), speed: answer.speed, heardAt: performance.now() }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (this.shown !== name) return
      // The numbers around it may well be live: the list says of itself how old it is, and is asked for again.
      this.isFailing = true
      this.ask(operation, code)
    }
  }
}

/** What tells two of them apart; the wall knows no ids. */
export function keyOf(row: Posted): string {
  return `${row.place} ${row.category} ${row.opened_at}`
}
