import { untrack } from 'svelte'
import { retryAt } from '../countdown.ts'
import { Refusal } from '../http.ts'

/** One thing that a person tries: busy, refused and why, and whether it is worth trying again yet. */
export class Attempt {
  isBusy = $state(false)
  refusal: Refusal | null = $state.raw(null)
  isWaiting = $state(false)

  get isBlocked(): boolean {
    return this.isBusy || this.isWaiting
  }

  /** Whether it worked; a refusal is kept to be shown. */
  async run(work: () => Promise<void>): Promise<boolean> {
    // An effect that tries something must not run again because the trying ended.
    if (untrack(() => this.isBlocked)) return false
    this.isBusy = true
    this.refusal = null
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.refusal = error
      this.isWaiting = retryAt(error, 0) !== null
      return false
    } finally {
      this.isBusy = false
    }
  }

  ready(): void {
    this.isWaiting = false
  }

  clear(): void {
    this.refusal = null
    this.isWaiting = false
  }
}
