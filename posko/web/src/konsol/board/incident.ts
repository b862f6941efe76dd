/** Incidents and what belongs to them, as HTTP answers with them. */

import { type Severity, SEVERITIES } from '../../counters.ts'

export const TIERS = ['nasional', 'provinsi', 'kabkota', 'kecamatan', 'kelurahan', 'dusun'] as const
export type Tier = (typeof TIERS)[number]
export const STATUSES = ['baru', 'diterima', 'ditangani', 'selesai', 'ditutup', 'dibuka_kembali', 'digabung', 'batal'] as const
export type Status = (typeof STATUSES)[number]
export type Verification = 'belum' | 'terverifikasi' | 'tidak_benar'

export interface Incident {
  id: string
  operation: number
  number: number
  place: string
  place_name: string
  region_name: string | null
  category: string
  severity: Severity
  /** Graver: what a report said since people have it in hand. */
  alleged: Severity | null
  occurrence: string
  people: number | null
  summary: string
  status: Status
  verification: Verification
  proof: string | null
  stage: string
  /** Whose it is: as high as it has climbed. */
  tier: Tier
  owner: string | null
  reports: number
  children: number
  opened_at: string
  acknowledge_by: string
  resolve_by: string
  acknowledged_at: string | null
  resolved_at: string | null
  closed_at: string | null
  overdue_at: string | null
  parent: string | null
  merged_into: string | null
  latitude: number | null
  longitude: number | null
  revote_kind: 'psu' | 'pss' | 'psl' | null
  revote_decider: string | null
  revote_by: string | null
  revote_on: string | null
  escalation: 'climbing' | 'accepted' | 'stopped' | 'exhausted' | null
  next_at: string | null
  next_tier: Tier | null
  held_until: string | null
  version: number
  changed_at: string
  /** The operation whose restricted lane this is of. */
  restricts: number | null
}

/** One page of a list; `next` is the `after` of the following one. */
export interface IncidentPage {
  operation: number
  version: number
  rows: Incident[]
  next: number | null
}

export interface Changes {
  since: number
  to: number
  is_more: boolean
  rows: Incident[]
}

export interface Request {
  number: number
  kind: 'advice' | 'referral'
  addressee: string
  question: string
  asked_by: string
  asked_at: string
  answer: string | null
  answered_by: string | null
  answered_at: string | null
}

export interface Detail {
  incident: Incident
  reports: string[]
  requests: Request[]
  watchers: string[]
}

/** One row of an incident's log; `by` null: posko itself. */
export interface Entry {
  seq: number
  at: string
  by: string | null
  channel: string
  action: string
  from_status: Status | null
  to_status: Status
  said: string | null
  details: Record<string, unknown> | null
}

/** What would happen next: at `at` the desk is told. */
export interface Step {
  round: number
  step: number
  at: string
  tier: Tier
  desk: string
  desk_name: string
  is_staffed: boolean
  channels: string[]
}

export interface Acted {
  version: number
  entry: number
  incident: Incident
}

export interface Photo {
  /** The report that promised it: the one that it is shown with, or one that that corrects. */
  report: string
  sha256: string
  state: 'promised' | 'kept' | 'forgotten'
}

export interface DirectiveTemplate {
  code: string
  kind: string
  requires: string
  text: string
}

/** A directive, as far as an incident shows it. */
export interface Directive {
  id: string
  number: number
  from: string
  from_name: string
  kind: string
  requires: string
  text: string
  deadline: string
  author: string
  issued_at: string
  state: string
  withdrawn_at: string | null
  counts: { targets: number; sent: number; unanswered: number; refused: number; done: number; overdue: number }
}

const OPEN: readonly Status[] = ['baru', 'diterima', 'ditangani', 'dibuka_kembali']

/** Whether somebody still has to do something about it. */
export function isOpen(incident: Incident): boolean {
  return OPEN.includes(incident.status)
}

/** 0 for the gravest. */
export function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

/** As grave as it is, or as a report says that it is. */
export function gravityOf(incident: Incident): Severity {
  return incident.alleged ?? incident.severity
}
