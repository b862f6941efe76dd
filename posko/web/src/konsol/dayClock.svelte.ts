import { Refusal, type Api } from '../http.ts'
import { type Reading, restOf, shownAt, timeIn } from './reckoning.ts'

const TICK_MS = 1_000
/** What is later than this by our reading, in wall time, was not stamped by the clock that was read. */
const SET_MS = 5_000

/** What time it is in an operation: the wall clock, but in a drill that is played at another hour. */
export class DayClock {
  /** Milliseconds since 1970, moved every second; null before the server told. */
  now: number | null = $state(null)
  private reading: Reading | null = null
  private readonly api: Api
  private readonly operation: number

  constructor(api: Api, operation: number) {
    this.api = api
    this.operation = operation
  }

  /** Runs while an effect is alive. */
  run(): () => void {
    let resting: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const read = async (): Promise<void> => {
      await this.read()
      if (!isOver) resting = setTimeout(() => void read(), restOf(this.reading))
    }
    void read()
    const ticking = setInterval(() => this.tick(), TICK_MS)
    return () => {
      isOver = true
      clearInterval(ticking)
      clearTimeout(resting)
    }
  }

  /** Milliseconds on this clock until a moment; null while the time is not known, or there is no moment. */
  until(moment: string | null): number | null {
    return moment === null || this.now === null ? null : Date.parse(moment) - this.now
  }

  /** This very moment, not the last whole second; this machine's own before the server told. */
  get exactly(): number {
    return this.reading ? timeIn(this.reading, performance.now()) : Date.now()
  }

  /** Something was stamped later than this clock says: the clock was set. */
  heard(at: string): void {
    if (this.reading && Date.parse(at) > this.exactly + SET_MS * Math.max(1, this.reading.speed)) void this.read()
  }

  private async read(): Promise<void> {
    const before = performance.now()
    try {
      const found = await this.api.get<{ at: string; speed: number }>(`/v1/operations/${this.operation}/clock`)
      // Half of the way there and back lies after the server looked.
      const reading = { at_ms: Date.parse(found.at), speed: found.speed, read_ms: (before + performance.now()) / 2 }
      // Of two answers the one that was asked for last counts.
      if (this.reading && reading.read_ms < this.reading.read_ms) return
      // The server's own clock was set back: this one goes with it.
      if (this.reading && reading.at_ms < this.reading.at_ms) this.now = null
      this.reading = reading
      this.tick()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }

  tick(): void {
    if (this.reading) this.now = shownAt(this.reading, performance.now(), this.now)
  }
}
