import { Refusal } from '../http.ts'

export interface Batch<T> {
  rows: T[]
  /** The `after` of the following page; null on the last. */
  next: string | number | null
}

/** A list that is read page by page, and kept as long as it was when it is read anew. */
export class Listing<T> {
  rows: T[] | null = $state.raw(null)
  next: string | number | null = $state(null)
  isBusy = $state(false)
  problem: Refusal | null = $state.raw(null)
  private asked = 0
  private taken = 0
  /** Another list since then: what was asked before it is of no use. */
  private list = 0
  private readonly load: (after: string | number | undefined, limit: number) => Promise<Batch<T>>
  private readonly page: number
  private readonly most: number

  /** @param page rows of one page; @param most rows that the server gives at once */
  constructor(load: (after: string | number | undefined, limit: number) => Promise<Batch<T>>, page: number, most: number) {
    this.load = load
    this.page = page
    this.most = most
  }

  /** Everything anew, as another list: what was shown is dropped. */
  async anew(): Promise<void> {
    this.rows = this.next = null
    this.list += 1
    await this.refresh()
  }

  /** The rows shown as they are now. */
  async refresh(): Promise<void> {
    const wanted = Math.max(this.page, Math.ceil((this.rows?.length ?? 0) / this.page) * this.page)
    await this.take(async () => {
      let found: T[] = []
      let after: string | number | undefined
      do {
        const batch = await this.load(after, Math.min(this.most, wanted - found.length))
        found = [...found, ...batch.rows]
        if (batch.next === null) return { rows: found, next: null }
        after = batch.next
      } while (found.length < wanted)
      return { rows: found, next: after }
    })
  }

  /** Reads on for a while: what it answers makes the list as short again as it is now. */
  hold(): () => void {
    const { rows, next, list } = this
    return () => {
      if (rows === null || list !== this.list) return
      this.rows = this.rows?.slice(0, rows.length) ?? null
      this.next = next
    }
  }

  async more(): Promise<void> {
    const { rows, next } = this
    if (next === null) return
    await this.take(async () => {
      const batch = await this.load(next, this.page)
      return { rows: [...(rows ?? []), ...batch.rows], next: batch.next }
    })
  }

  /** Of several that were asked the last one to be asked counts, as far as it has come. */
  private async take(read: () => Promise<Batch<T>>): Promise<void> {
    const asked = ++this.asked
    const { list } = this
    const isOld = (): boolean => list !== this.list || asked < this.taken
    this.isBusy = true
    try {
      const found = await read()
      if (isOld()) return
      this.taken = asked
      this.rows = found.rows
      this.next = found.next
      this.problem = null
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (!isOld()) this.problem = error
    } finally {
      if (asked === this.asked) this.isBusy = false
    }
  }
}
