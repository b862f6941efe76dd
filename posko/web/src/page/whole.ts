/** Reading a list to its end, within a limit: pure but for the list itself. */

/** A list that is read page by page. */
export interface Pages {
  /** Rows that are there. */
  rows: number
  hasMore: boolean
  /** Whether the next page was refused. */
  isRefused: boolean
  more: () => Promise<unknown>
}

/** Most rows of one list on paper. */
export const ROWS_ON_PAPER = 2_000
/** Questions in a row that bring nothing: somebody else is reading the list just now. */
const TRIES = 20

/** How it ended: all of it is there, or as much as the limit allows; somebody stopped it; the next page cannot be had. */
export type Ended = 'whole' | 'cut' | 'stopped' | 'stuck'

/** Reads a list on, page by page, up to `most` rows (the page that passes it is whole). */
export async function readOn(list: () => Pages, most: number, isStopped: () => boolean, rest: () => Promise<unknown>): Promise<Ended> {
  for (let tries = 0; tries < TRIES; ) {
    const { rows, hasMore, more } = list()
    if (isStopped()) return 'stopped'
    if (!hasMore) return 'whole'
    if (rows >= most) return 'cut'
    await more()
    if (list().isRefused) return 'stuck'
    if (list().rows > rows || !list().hasMore) tries = 0
    else {
      tries += 1
      await rest()
    }
  }
  return 'stuck'
}
