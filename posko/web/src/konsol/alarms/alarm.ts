/** Alarms as HTTP answers with them, and what follows from one. */

import { ALARM_KINDS } from '../../counters.ts'
import type { Filters } from '../../routes.ts'

export type AlarmKind = (typeof ALARM_KINDS)[number]

/** A desk that an alarm climbed to. */
export interface Told {
  desk: string
  name: string
  tier: string
  at: string
  /** `vacant`: passed, nobody was on duty. */
  outcome: 'told' | 'vacant' | 'by_hand'
}

export interface Alarm {
  id: string
  kind: AlarmKind
  place: string
  place_name: string
  milestone: string | null
  /** TPS (of `webhook`: endpoints; of a desk: 1) that are silent now, of so many, and at worst. */
  missing: number
  expected: number
  peak: number
  opened_at: string
  acknowledged_at: string | null
  acknowledged_by: string | null
  acknowledged_said: string | null
  closed_at: string | null
  escalation: string
  /** As high as it has climbed. */
  tier: string
  next_at: string | null
  next_tier: string | null
  /** An outage or a silent kota explains it: it climbs no further for now. */
  is_inhibited: boolean
  told: Told[]
  /** Of a standing `webhook`: which endpoints fail, the first ten. */
  endpoints: string[] | null
}

export const OUTAGE_KINDS = ['listrik', 'seluler', 'internet', 'banjir', 'bencana', 'pemeliharaan'] as const
export type OutageKind = (typeof OUTAGE_KINDS)[number]

export interface Outage {
  id: string
  place: string
  place_name: string
  kind: OutageKind
  reason: string
  declared_by: string
  began_at: string
  until: string
  ended_at: string | null
  ended_by: string | null
}

/** Which alarms are looked at. */
export interface Wanted {
  isStanding: boolean
  kind: AlarmKind | null
}

/** What the address asks for; what it asks wrongly is not asked. */
export function wantedOf(filters: Filters): Wanted {
  return { isStanding: filters['status'] !== 'berakhir', kind: ALARM_KINDS.find((kind) => kind === filters['jenis']) ?? null }
}

export function filtersOf(wanted: Wanted): Filters {
  return { status: wanted.isStanding ? '' : 'berakhir', jenis: wanted.kind ?? '' }
}

/** The counter whose list is the TPS that an alarm is about; null where it is about a desk or an endpoint. */
export function counterOf(alarm: Pick<Alarm, 'kind' | 'milestone'>): string | null {
  const isOfTps = alarm.kind === 'belum_lapor' || alarm.kind === 'kota_diam'
  return isOfTps && alarm.milestone !== null ? `milestone.${alarm.milestone}.overdue` : null
}

export type Climb = 'held' | 'climbing' | 'accepted' | 'top'

/** How an alarm that stands goes on if nobody does anything. */
export function climbOf(alarm: Pick<Alarm, 'escalation' | 'is_inhibited' | 'next_at'>): Climb {
  if (alarm.escalation === 'accepted') return 'accepted'
  if (alarm.is_inhibited) return 'held'
  return alarm.next_at === null ? 'top' : 'climbing'
}

/** Those of the alarms now that were not among those before; none where nothing was known before. */
export function newOnes<T extends { id: string }>(before: readonly T[] | null, now: readonly T[]): T[] {
  if (before === null) return []
  const known = new Set(before.map(({ id }) => id))
  return now.filter(({ id }) => !known.has(id))
}

/** The desks told, each once at its last time, the highest first. */
export function desksTold(told: readonly Told[]): Told[] {
  const last = new Map(told.map((one) => [one.desk, one]))
  return [...last.values()].sort((a, b) => a.desk.length - b.desk.length || (a.desk < b.desk ? -1 : 1))
}

/** Whether an alarm waits for somebody to look into it. */
export function isWaiting(alarm: Pick<Alarm, 'escalation' | 'closed_at'>): boolean {
  return alarm.closed_at === null && alarm.escalation !== 'accepted'
}
