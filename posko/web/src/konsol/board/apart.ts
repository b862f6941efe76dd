import type { Severity } from '../../counters.ts'
import { rankOf } from './incident.ts'

export const APART_MS = 1_200

/** Sounds one after the other, not all over each other: of those that come too soon, the gravest is kept for the next. */
export class Apart {
  private playedAt = -Infinity
  private kept: Severity | null = null
  private timer: ReturnType<typeof setTimeout> | null = null
  private readonly sound: (severity: Severity) => void
  private readonly now: () => number

  constructor(sound: (severity: Severity) => void, now: () => number = () => performance.now()) {
    this.sound = sound
    this.now = now
  }

  play(severity: Severity): void {
    if (this.kept === null || rankOf(severity) < rankOf(this.kept)) this.kept = severity
    const wait_ms = this.playedAt + APART_MS - this.now()
    // Asked anew each time: in a page that nobody sees, timers come late.
    if (wait_ms > 0) this.timer ??= setTimeout(() => this.next(), wait_ms)
    else this.next()
  }

  /** What is kept is not heard any more. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = this.kept = null
  }

  private next(): void {
    const severity = this.kept
    this.stop()
    if (severity === null) return
    this.playedAt = this.now()
    this.sound(severity)
  }
}
