/** Bringing what changed into a list that somebody works in: pure, and never under their hand. */

import { type Incident, gravityOf, isOpen, rankOf } from './incident.ts'

export type Order = 'berat' | 'baru'

/** A list as it is shown, and what waits to be let in. */
export interface Listed {
  rows: readonly Incident[]
  /** Those that belong into the list and are not shown yet. */
  waiting: readonly Incident[]
  /** Ids of rows that are shown and belong here no longer. */
  gone: ReadonlySet<string>
}

export const NOTHING: Listed = { rows: [], waiting: [], gone: new Set() }

/** Where an incident stands in a list. */
export type Standing = Pick<Incident, 'severity' | 'number'>

export interface Arranging {
  order: Order
  matches: (incident: Incident) => boolean
  /** Where reading has come to, while there is more behind it: what would stand below comes with its page. */
  end: Standing | null
  /** Somebody works in the list: nothing may move. */
  isBusy: boolean
}

/** Negative where `a` stands above `b`: the last opened first, or the gravest before that. */
export function compare(order: Order, a: Standing, b: Standing): number {
  const graver = order === 'berat' ? rankOf(a.severity) - rankOf(b.severity) : 0
  return graver || b.number - a.number
}

/** Takes changed incidents: rows that are shown change where they are, others wait while somebody is at work. */
export function take(list: Listed, changed: readonly Incident[], arranging: Arranging): Listed {
  const newest = latest(changed)
  const rows = list.rows.map((row) => newer(row, newest.get(row.id)))
  const shown = new Set(rows.map((row) => row.id))
  const waiting = new Map(list.waiting.map((row) => [row.id, newer(row, newest.get(row.id))]))
  for (const incident of newest.values()) if (!shown.has(incident.id)) waiting.set(incident.id, newer(incident, waiting.get(incident.id)))
  const kept = [...waiting.values()].filter((row) => arranging.matches(row) && isWithin(row, arranging))
  const gone = new Set(rows.filter((row) => !arranging.matches(row)).map((row) => row.id))
  const held: Listed = { rows, waiting: kept.sort((a, b) => compare(arranging.order, a, b)), gone }
  return arranging.isBusy ? held : settle(held, arranging.order)
}

/** Lets in what waits, and lets go what belongs here no longer. */
export function settle(list: Listed, order: Order): Listed {
  if (list.waiting.length === 0 && list.gone.size === 0) return inOrder(list.rows, order) ? list : { ...list, rows: [...list.rows].sort((a, b) => compare(order, a, b)) }
  const rows = [...list.rows.filter((row) => !list.gone.has(row.id)), ...list.waiting]
  return { rows: rows.sort((a, b) => compare(order, a, b)), waiting: [], gone: new Set() }
}

/** Adds a page that was read below what is there. */
export function append(list: Listed, page: readonly Incident[]): Listed {
  const shown = new Set([...list.rows, ...list.waiting].map((row) => row.id))
  return { ...list, rows: [...list.rows, ...page.filter((row) => !shown.has(row.id))] }
}

/** The longest that a list grows by what arrives; older rows come with their page again. */
export function trimmed(rows: readonly Incident[], most: number): readonly Incident[] {
  return rows.length > most ? rows.slice(0, most) : rows
}

/** Why an incident is told of: it is new, or worse than it was when last seen; null where it is neither. */
export function newsOf(was: Incident | undefined, now: Incident, lastNumber: number): 'new' | 'worse' | null {
  if (!isOpen(now)) return null
  if (now.number > lastNumber && was === undefined) return now.status === 'baru' ? 'new' : null
  if (was === undefined) return now.alleged !== null ? 'worse' : null
  const isGraver = rankOf(gravityOf(now)) < rankOf(gravityOf(was))
  const isAgain = now.status === 'dibuka_kembali' && was.status !== 'dibuka_kembali'
  return isGraver || isAgain ? 'worse' : null
}

function isWithin(row: Incident, { end, order }: Arranging): boolean {
  return end === null || compare(order, row, end) <= 0
}

function newer(row: Incident, other: Incident | undefined): Incident {
  return other && other.version > row.version ? other : row
}

function latest(changed: readonly Incident[]): Map<string, Incident> {
  const found = new Map<string, Incident>()
  for (const row of changed) found.set(row.id, newer(row, found.get(row.id)))
  return found
}

function inOrder(rows: readonly Incident[], order: Order): boolean {
  return rows.every((row, index) => index === 0 || compare(order, rows[index - 1] ?? row, row) <= 0)
}
