import { type Api, Refusal } from '../../http.ts'
import { Cells, type CellsFrame, type ChangesFrame } from './cells.ts'

/** Between an answer and the next question, at least: what changes in between comes with one answer. */
const PACE_MS = 250
/** After a question that nobody answered, and as much again at random. */
const RETRY_MS = 2_000

/** The cells of one region, kept up with the version that the live connection shows. */
export class Following {
  /** Replaced when they are taken anew; changed in place otherwise: `version` says when. */
  cells: Cells | null = $state.raw(null)
  version = $state(-1)
  problem: Refusal | null = $state.raw(null)
  /** Told which cells changed, before `version` moves. */
  onChanged: (cells: readonly number[]) => void = () => undefined
  private wanted = -1
  private isAsking = false
  private isStopped = false
  private timer: ReturnType<typeof setTimeout> | null = null
  private answeredAt = -Infinity
  private readonly api: Api
  private readonly operation: number
  private readonly code: string

  constructor(api: Api, operation: number, code: string) {
    this.api = api
    this.operation = operation
    this.code = code
  }

  start(): void {
    this.isStopped = false
    this.wanted = Math.max(0, this.wanted)
    void this.ask()
  }

  stop(): void {
    this.isStopped = true
    if (this.timer) clearTimeout(this.timer)
  }

  /** The region is at this version: as soon as may be, so are the cells. */
  reach(version: number): void {
    this.wanted = Math.max(this.wanted, version)
    this.askSoon(PACE_MS - (performance.now() - this.answeredAt))
  }

  retry(): void {
    this.problem = null
    void this.ask()
  }

  private askSoon(wait_ms: number): void {
    if (this.isStopped || this.isAsking || this.timer !== null || this.version >= this.wanted) return
    this.timer = setTimeout(() => void this.ask(), Math.max(0, wait_ms))
  }

  private async ask(): Promise<void> {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    if (this.isAsking || this.isStopped) return
    this.isAsking = true
    let wait_ms = PACE_MS
    try {
      await (this.cells ? this.bringOn(this.cells) : this.take())
      this.problem = null
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      wait_ms = this.refused(error)
    } finally {
      this.isAsking = false
      this.answeredAt = performance.now()
    }
    if (this.cells || wait_ms > PACE_MS) this.askSoon(wait_ms)
  }

  private async take(): Promise<void> {
    const frame = await this.api.get<CellsFrame>(this.path, { operation: this.operation })
    if (this.isStopped) return
    this.cells = new Cells(frame)
    this.version = frame.version
  }

  private async bringOn(cells: Cells): Promise<void> {
    const { version: since, layout } = cells
    const frame = await this.api.get<ChangesFrame>(`${this.path}/changes`, { operation: this.operation, since, layout })
    if (this.isStopped) return
    const changed = cells.apply(frame)
    if (changed === null) return this.take()
    if (changed.length > 0) this.onChanged(changed)
    this.version = cells.version
  }

  /** Milliseconds until it is worth asking again. */
  private refused(refusal: Refusal): number {
    // Another layout, or a database that was set back: the cells are taken anew.
    if (this.cells && (refusal.status === 409 || refusal.status === 422)) {
      this.version = -1
      this.cells = null
      void Promise.resolve().then(() => this.ask())
      return PACE_MS
    }
    this.problem = refusal
    return RETRY_MS * (1 + Math.random())
  }

  private get path(): string {
    return `/v1/regions/${this.code}/cells`
  }
}
