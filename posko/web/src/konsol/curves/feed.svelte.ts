import { Refusal, type Api } from '../../http.ts'
import { type CurvePage, extend, NO_POINTS, type Points } from './series.ts'

/** Between two questions at least and at most; samples come once a minute, in a fast drill once a second. */
const PACE_MS = { least: 3_000, most: 30_000 }
const PAGES_LIMIT = 20

/** The curve of one region, asked for again as often as there is something new to ask for. */
export class Feed {
  points: Points = $state.raw(NO_POINTS)
  /** Whether a curve is kept of this region; null before the first answer. */
  isKept: boolean | null = $state(null)
  problem: Refusal | null = $state.raw(null)
  /** Milliseconds since the last sample, by the wall clock, when it was asked for last. */
  lag = $state(0)
  /** How often a sample is taken, by the wall clock. */
  pace = $state(60_000)
  /** When the last answer came, by this machine's monotonous clock. */
  heardAt: number | null = $state(null)
  private timer: ReturnType<typeof setTimeout> | null = null
  private isStopped = false
  private readonly api: Api
  private readonly path: string
  private readonly operation: number
  private readonly since: string | undefined

  constructor(api: Api, operation: number, code: string, since: string | undefined) {
    this.api = api
    this.operation = operation
    this.path = `/v1/regions/${code}/curve`
    this.since = since
  }

  start(): void {
    void this.turn()
  }

  stop(): void {
    this.isStopped = true
    if (this.timer) clearTimeout(this.timer)
  }

  async turn(): Promise<void> {
    if (this.timer) clearTimeout(this.timer)
    try {
      await this.catchUp()
      this.problem = null
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (!this.isStopped) this.problem = error
    }
    if (!this.isStopped) this.timer = setTimeout(() => void this.turn(), Math.min(PACE_MS.most, Math.max(PACE_MS.least, this.pace / 2)))
  }

  private async catchUp(): Promise<void> {
    for (let pages = 0; pages < PAGES_LIMIT; pages += 1) {
      const last = this.points.at.at(-1)
      const since = last === undefined ? this.since : new Date(last + 1).toISOString()
      const page = await this.api.get<CurvePage>(this.path, { operation: this.operation, since })
      if (this.isStopped) return
      this.take(page)
      if (page.next === null) return
    }
  }

  private take(page: CurvePage): void {
    this.points = extend(this.points, page)
    this.isKept = page.kept
    this.pace = page.pace_s * 1000
    const behind = page.sampled_at === null ? 0 : Math.max(0, Date.parse(page.now) - Date.parse(page.sampled_at))
    this.lag = (behind / 60_000) * this.pace
    this.heardAt = performance.now()
  }
}
