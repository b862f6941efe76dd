import { Refusal } from '../http.ts'

/** Something that is asked for again and again while the page is looked at: what was had last, since when, and what is wrong by now. */
export class Polled<T> {
  value: T | null = $state.raw(null)
  /** When it was had, by this machine's clock. */
  had_at: number | null = $state(null)
  /** Why it cannot be had now. */
  refusal: Refusal | null = $state.raw(null)
  /** Since when it cannot. */
  failing_at: number | null = $state(null)
  private timer: ReturnType<typeof setTimeout> | undefined
  private turn = 0
  private readonly load: () => Promise<T>
  private readonly every_ms: number

  constructor(load: () => Promise<T>, every_ms: number) {
    this.load = load
    this.every_ms = every_ms
  }

  /** Asks now, and again until the answered function is called; not while the page is hidden. */
  follow(): () => void {
    const look = (): void => {
      clearTimeout(this.timer)
      if (!document.hidden) void this.again()
    }
    document.addEventListener('visibilitychange', look)
    look()
    return () => {
      document.removeEventListener('visibilitychange', look)
      clearTimeout(this.timer)
      this.turn += 1
    }
  }

  /** Asks at once: something was changed. An answer to an earlier question is dropped. */
  async again(): Promise<void> {
    clearTimeout(this.timer)
    const turn = (this.turn += 1)
    try {
      const value = await this.load()
      if (turn !== this.turn) return
      this.value = value
      this.had_at = Date.now()
      this.refusal = this.failing_at = null
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (turn !== this.turn) return
      this.refusal = error
      this.failing_at ??= Date.now()
    }
    if (!document.hidden) this.timer = setTimeout(() => void this.again(), this.every_ms)
  }
}
