/** The reports of one place in the order in which they came: what must be said of each that the order does not say. */

import type { PlaceFlag, Report } from '../records.ts'

/** What is sent at once need not say when it came. */
const AT_ONCE_MS = 60_000

type Row = Pick<Report, 'id' | 'observed_at' | 'received_at'>

/** Those that say when they came, too: later than they were observed, or the times of observation beside them go the other way. */
export function toldApart(rows: readonly Row[]): Set<string> {
  const told = rows.filter((row, index) => {
    const [newer, older] = [rows[index - 1], rows[index + 1]]
    const isAside = (newer !== undefined && isBefore(newer, row)) || (older !== undefined && isBefore(row, older))
    return isAside || Math.abs(Date.parse(row.received_at) - Date.parse(row.observed_at)) > AT_ONCE_MS
  })
  return new Set(told.map(({ id }) => id))
}

function isBefore(one: Row, other: Row): boolean {
  return Date.parse(one.observed_at) < Date.parse(other.observed_at)
}

/** What became of a report that another one corrects: was it put right, or taken back? */
export function correctedBy(report: Pick<Report, 'corrected_by'>, rows: readonly Pick<Report, 'id' | 'content'>[]): 'corrected' | 'taken_back' {
  const by = rows.find(({ id }) => id === report.corrected_by)?.content
  return by?.kind === 'correction' && !by.replacement ? 'taken_back' : 'corrected'
}

/** The incident that a report belongs to, as far as these reports tell: it opens one under its own id, or joins one; a correction is of what it corrects. */
export function incidentOf(report: Pick<Report, 'id' | 'content'>, rows: readonly Pick<Report, 'id' | 'content'>[]): string | null {
  const { content } = report
  if (content.kind === 'incident') return content.joins ?? report.id
  if (content.kind !== 'correction') return null
  // Corrections may be said of each other: none is gone through twice.
  const others = rows.filter(({ id }) => id !== report.id)
  const corrected = others.find(({ id }) => id === content.of)
  return corrected ? incidentOf(corrected, others) : null
}

/**
 * What a report makes doubtful now, and what it made doubtful once, the last to end first. What its place knows of a flag is
 * the word on it: the report may have been read before the flag ended, and names alone what its place has not heard of yet.
 */
export function doubtsOf(report: Pick<Report, 'id' | 'flags'>, flags: readonly PlaceFlag[]): PlaceFlag[] {
  const own = flags.filter(({ report_id }) => report_id === report.id)
  const named = report.flags.filter((kind) => own.every((flag) => flag.kind !== kind)).map((kind) => ({ kind, subject: '', report_id: report.id }))
  const standing = own.filter(({ ended_at }) => !ended_at)
  const ended = own.filter(({ ended_at }) => ended_at).sort((a, b) => Date.parse(b.ended_at ?? '') - Date.parse(a.ended_at ?? ''))
  return [...standing, ...named, ...ended]
}
