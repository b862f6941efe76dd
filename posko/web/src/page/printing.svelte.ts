import { getContext, setContext, tick } from 'svelte'
import { type Pages, readOn, ROWS_ON_PAPER } from './whole.ts'

const REST_MS = 250

/** A list of the page, and how many rows it has in all where that is known. */
export interface Sheet {
  pages: () => Pages
  total: () => number | null
  /** Told before it is read on; what it answers is called when it is printed, or not after all: it may be as short again as it was. */
  hold: (() => () => void) | undefined
}

/** Printing what a page shows: its lists are read to their end first. */
export class Printing {
  /** What is being read on. */
  sheet: Sheet | null = $state.raw(null)
  isStuck = $state(false)
  private readonly sheets = new Set<Sheet>()
  private answer: 'print' | 'cancel' | null = null
  private wake: (() => void) | null = null

  /** A list is shown, until the answered function is called. */
  show(sheet: Sheet): () => void {
    this.sheets.add(sheet)
    return () => this.sheets.delete(sheet)
  }

  /** Whether there is more than is shown. */
  get isPartial(): boolean {
    return [...this.sheets].some((sheet) => sheet.pages().hasMore)
  }

  async print(): Promise<void> {
    if (this.sheet) return
    this.answer = null
    const read = [...this.sheets].filter((sheet) => sheet.pages().hasMore)
    const releases = read.flatMap((sheet) => sheet.hold?.() ?? [])
    try {
      for (const sheet of read) await this.readOn(sheet)
      this.sheet = null
      if (this.answer === 'cancel') return
      await tick()
      print()
    } finally {
      this.sheet = null
      for (const release of releases) release()
    }
  }

  /** As far as it is read. */
  now(): void {
    this.decide('print')
  }

  cancel(): void {
    this.decide('cancel')
  }

  private async readOn(sheet: Sheet): Promise<void> {
    if (this.answer) return
    this.sheet = sheet
    this.isStuck = false
    const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, REST_MS))
    this.isStuck = (await readOn(sheet.pages, ROWS_ON_PAPER, () => this.answer !== null, rest)) === 'stuck'
    if (this.isStuck && this.answer === null) await new Promise<void>((resolve) => (this.wake = resolve))
  }

  private decide(answer: 'print' | 'cancel'): void {
    this.answer = answer
    this.wake?.()
    this.wake = null
  }
}

const KEY = Symbol('printing')

export function providePrinting(): Printing {
  return setContext(KEY, new Printing())
}

export function usePrinting(): Printing {
  return getContext<Printing>(KEY)
}
