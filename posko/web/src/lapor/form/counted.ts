import type { Item } from '../outbox/item.ts'
import { fateOf, saidOf } from '../telling.ts'

/** The count of a contest that stands among these reports of a TPS: not refused, replaced or withdrawn; the last observed. */
export function standingCount(items: readonly Item[], contest: string): Item | null {
  const standing = items.filter((item) => {
    const said = saidOf(item.report.content)
    return said?.kind === 'count' && said.contest === contest && item.standing !== 'ditolak' && !item.elsewhere?.isReplaced && fateOf(item, items) === null
  })
  return standing.sort((a, b) => Date.parse(b.report.observed_at) - Date.parse(a.report.observed_at))[0] ?? null
}
