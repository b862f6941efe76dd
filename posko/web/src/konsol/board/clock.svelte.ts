import { Refusal, type Api } from '../../http.ts'

/** Asked again at this pace: somebody may set the clock of a drill. */
const ASK_MS = 60_000

/** What time it is in an operation, by the server: countdowns run by it, whatever this machine thinks. */
export class OperationClock {
  /** Milliseconds since 1970, moved on once a second. */
  now = $state(Date.now())
  private readonly api: Api
  private readonly operation: number
  private read = { at: Date.now(), speed: 1, here: performance.now() }
  private timers: ReturnType<typeof setInterval>[] = []

  constructor(api: Api, operation: number) {
    this.api = api
    this.operation = operation
  }

  start(): void {
    void this.ask()
    this.timers = [setInterval(() => this.tick(), 1000), setInterval(() => void this.ask(), ASK_MS)]
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer)
    this.timers = []
  }

  /** This very moment, not the last whole second. */
  get exactly(): number {
    return this.read.at + (performance.now() - this.read.here) * this.read.speed
  }

  /** Something was stamped later than our clock says: the clock was set. */
  heard(at: string): void {
    if (Date.parse(at) > this.exactly + 5_000 * Math.max(1, this.read.speed)) void this.ask()
  }

  async ask(): Promise<void> {
    const asked = performance.now()
    try {
      const { at, speed } = await this.api.get<{ at: string; speed: number }>(`/v1/operations/${this.operation}/clock`)
      const here = performance.now()
      // Half of the way there and back the answer is old.
      this.read = { at: Date.parse(at) + ((here - asked) / 2) * speed, speed, here }
      this.tick()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }

  private tick(): void {
    this.now = this.exactly
  }
}
