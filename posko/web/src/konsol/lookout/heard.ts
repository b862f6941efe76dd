/** What is heard and shown wherever in the konsol somebody looks. */

import { contains, levelOf } from '../../places.ts'
import type { Alarm } from '../alarms/alarm.ts'
import { gravityOf, type Incident } from '../board/incident.ts'
import { depthOf, levelAt } from '../rights.ts'

/** What stands in the banner: `version` is the one that it was told at. */
export type Item = { kind: 'incident'; id: string; incident: Incident; isWorse: boolean } | { kind: 'alarm'; id: string; alarm: Alarm }

/** In the banner; how many more there are is said. */
export const SHOWN = 3
const MOST = 200

/** Only what cannot wait until somebody looks at the board interrupts other work. */
export function isUrgent(incident: Incident): boolean {
  return gravityOf(incident) === 'kritis'
}

/** An alarm is heard at the desks that it has climbed to; a whole kota that is silent, at every desk over it. */
export function isOurs(alarm: Pick<Alarm, 'kind' | 'tier' | 'place' | 'escalation'>, tops: readonly string[]): boolean {
  if (alarm.escalation === 'accepted') return false
  const top = tops.find((code) => contains(code, alarm.place))
  if (top === undefined) return false
  return alarm.kind === 'kota_diam' || levelsUpTo(alarm.tier) <= depthOf(levelOf(top))
}

function levelsUpTo(tier: string): number {
  for (let depth = 0; depth < 6; depth++) if (levelAt(depth) === tier) return depth
  return 6
}

/** Whether somebody has it in hand, so that it interrupts nobody any more. */
export function isTaken(incident: Incident): boolean {
  return incident.status !== 'baru' && incident.status !== 'dibuka_kembali' && incident.alleged === null
}

/** As grave as it gets: an incident that is critical, a kota of which nothing is heard. */
export function isGrave(item: Item): boolean {
  return item.kind === 'incident' || item.alarm.kind === 'kota_diam'
}

/** The grave before the rest, for there is room for few, and the last on top; what is told again moves up. */
export function withNews(items: readonly Item[], news: readonly Item[]): Item[] {
  const ids = new Set(news.map(({ id }) => id))
  const all = [...news, ...items.filter(({ id }) => !ids.has(id))]
  return [...all.filter(isGrave), ...all.filter((item) => !isGrave(item))].slice(0, MOST)
}
