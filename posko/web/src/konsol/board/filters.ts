/** Which incidents a board shows: as the address says it, as the server is asked, as what has changed is judged. */

import { type Counts, type Severity, SEVERITIES } from '../../counters.ts'
import type { Filters } from '../../routes.ts'
import { type Incident, type Status, STATUSES, type Tier, TIERS } from './incident.ts'

export const TABS = ['perlu', 'ditangani', 'terbuka', 'selesai', 'semua'] as const
export type Tab = (typeof TABS)[number]

const OF_TAB: Record<Tab, readonly Status[]> = {
  perlu: ['baru', 'dibuka_kembali'],
  ditangani: ['diterima', 'ditangani'],
  terbuka: ['baru', 'dibuka_kembali', 'diterima', 'ditangani'],
  selesai: ['selesai', 'ditutup'],
  semua: ['baru', 'dibuka_kembali', 'diterima', 'ditangani', 'selesai', 'ditutup'],
}
/** Counted nowhere: shown when asked for by name. */
const UNCOUNTED: readonly Status[] = ['digabung', 'batal']

export interface Wanted {
  tab: Tab
  /** One status of the tab; null: all of them. */
  status: Status | null
  severities: Severity[]
  category: string
  tier: Tier | null
  isOverdue: boolean
  isMine: boolean
  isWatched: boolean
  words: string
  /** The gravest first, or the last opened first. */
  order: 'berat' | 'baru'
  /** Whether the restricted lane is looked at. */
  isRestricted: boolean
}

/** What the address asks for; what it asks wrongly is not asked. */
export function wantedOf(filters: Filters): Wanted {
  const tab = TABS.find((known) => known === filters['tab']) ?? 'perlu'
  const severities = (filters['tingkat'] ?? '').split(',')
  return {
    tab,
    status: statusesOf(tab, true).find((known) => known === filters['status']) ?? null,
    severities: SEVERITIES.filter((severity) => severities.includes(severity)),
    category: /^[a-z_.]{1,62}$/.test(filters['kategori'] ?? '') ? (filters['kategori'] ?? '') : '',
    tier: TIERS.find((known) => known === filters['jenjang']) ?? null,
    isOverdue: filters['lewat'] === 'ya',
    isMine: filters['milik'] === 'saya',
    isWatched: filters['pantau'] === 'ya',
    words: (filters['cari'] ?? '').trim().slice(0, 200),
    order: filters['urut'] === 'baru' ? 'baru' : 'berat',
    isRestricted: filters['lajur'] === 'terbatas',
  }
}

/** The address of what is asked for; the defaults are left out. */
export function filtersOf(wanted: Wanted): Filters {
  return {
    tab: wanted.tab === 'perlu' ? '' : wanted.tab,
    status: wanted.status ?? '',
    tingkat: wanted.severities.join(','),
    kategori: wanted.category,
    jenjang: wanted.tier ?? '',
    lewat: wanted.isOverdue ? 'ya' : '',
    milik: wanted.isMine ? 'saya' : '',
    pantau: wanted.isWatched ? 'ya' : '',
    cari: wanted.words,
    urut: wanted.order === 'berat' ? '' : wanted.order,
    lajur: wanted.isRestricted ? 'terbatas' : '',
  }
}

/** How many filters are set beside tab and order. */
export function narrowings(wanted: Wanted): number {
  return [wanted.status, wanted.severities.length, wanted.category, wanted.tier, wanted.isOverdue, wanted.isMine, wanted.isWatched, wanted.words].filter(Boolean).length
}

/** The statuses of a tab; with `isEvery` those, too, that no counter counts. */
export function statusesOf(tab: Tab, isEvery = false): readonly Status[] {
  return isEvery && tab === 'semua' ? STATUSES.filter((status) => OF_TAB.semua.includes(status) || UNCOUNTED.includes(status)) : OF_TAB[tab]
}

/** How many incidents a tab holds, by the counters of the region; of some severities only, where the list is of those. */
export function numberIn(counts: Counts, tab: Tab, severities: readonly Severity[]): number {
  const graded = severities.length > 0 ? severities : SEVERITIES
  return counts.sum(OF_TAB[tab].flatMap((status) => graded.map((severity) => `case.${status}.${severity}`)))
}

/** How many incidents a list has in all; null where no counter tells: of who is narrowed by more than severity, of what is over by itself, of the restricted lane. */
export function totalOf(counts: Counts, wanted: Wanted): number | null {
  const isCounted = !wanted.isRestricted && wanted.tab !== 'semua' && narrowings({ ...wanted, severities: [] }) === 0
  return isCounted ? numberIn(counts, wanted.tab, wanted.severities) : null
}

/** Whether what is typed is looked for: two characters, or the number of an incident. */
export function isLookedFor(words: string): boolean {
  return words.length >= 2 || /^\d$/.test(words)
}

/** The lanes that a list is read in, one after the other: by severity where the gravest come first. */
export function lanesOf(wanted: Wanted): (readonly Severity[])[] {
  const graded = wanted.severities.length > 0 ? wanted.severities : SEVERITIES
  return wanted.order === 'berat' ? graded.map((severity) => [severity]) : [wanted.severities]
}

/** The question for one page of one lane. */
export function questionOf(wanted: Wanted, lane: readonly Severity[], me: string): URLSearchParams {
  const asked = new URLSearchParams()
  for (const status of wanted.status ? [wanted.status] : statusesOf(wanted.tab)) asked.append('status', status)
  for (const severity of lane) asked.append('severity', severity)
  if (wanted.category) asked.set('category', wanted.category)
  if (wanted.tier) asked.set('tier', wanted.tier)
  if (wanted.isOverdue) asked.set('overdue', 'true')
  if (wanted.isMine) asked.set('owner', me)
  if (wanted.isWatched) asked.set('watched', 'true')
  if (isLookedFor(wanted.words)) asked.set('q', wanted.words)
  return asked
}

/** The question for all of them in a file, sorted as they are shown. */
export function exportOf(wanted: Wanted, me: string): Record<string, string[]> {
  const asked = questionOf(wanted, wanted.severities, me)
  if (wanted.order === 'berat') asked.set('sort', 'severity')
  return Object.fromEntries([...new Set(asked.keys())].map((key) => [key, asked.getAll(key)]))
}

/** Whether only the server knows which incidents are meant. */
export function isServersToJudge(wanted: Wanted): boolean {
  return wanted.isWatched || isLookedFor(wanted.words)
}

/** Whether an incident is among those asked for, as far as it tells itself. */
export function matches(wanted: Wanted, incident: Incident, me: string): boolean {
  const statuses = wanted.status ? [wanted.status] : statusesOf(wanted.tab)
  return (
    statuses.includes(incident.status) &&
    (wanted.severities.length === 0 || wanted.severities.includes(incident.severity)) &&
    (wanted.category === '' || incident.category === wanted.category || incident.category.startsWith(`${wanted.category}.`)) &&
    (wanted.tier === null || incident.tier === wanted.tier) &&
    (!wanted.isOverdue || incident.overdue_at !== null) &&
    (!wanted.isMine || incident.owner === me)
  )
}
