/** What is sent for an action, out of what somebody has filled in. */

import type { Severity } from '../../counters.ts'
import type { Incident, Tier, Verification } from './incident.ts'
import { type Action, longestRest, tiersBelow } from './moves.ts'

export const SAID_LEAST = 3

export interface Draft {
  said: string
  minutes: number
  tier: Tier | ''
  category: string
  severity: Severity
  state: Verification
  username: string
  kind: 'advice' | 'referral'
  addressee: string
  latitude: string
  longitude: string
  revote: 'psu' | 'pss' | 'psl'
  decider: string
  /** A date, or one with a time, as a form has it. */
  by: string
  on: string
  /** The other incident: merged into, or part of. */
  other: Incident | null
}

export interface Sending {
  method: 'put' | 'post'
  path: string
  body: Record<string, unknown>
}

/** Actions that say something only if somebody wants to. */
const MAY_BE_SILENT: readonly (Action | 'answer')[] = ['closure', 'verification', 'owner', 'parent', 'location']

/** What a form begins with. */
export function draftOf(incident: Incident, into: Incident | null): Draft {
  return {
    said: '',
    minutes: Math.min(30, longestRest(incident)),
    tier: tiersBelow(incident)[0] ?? '',
    category: incident.category,
    severity: incident.alleged ?? incident.severity,
    state: incident.verification === 'terverifikasi' ? 'belum' : 'terverifikasi',
    username: '',
    kind: 'advice',
    addressee: '',
    latitude: incident.latitude === null ? '' : String(incident.latitude),
    longitude: incident.longitude === null ? '' : String(incident.longitude),
    revote: incident.revote_kind ?? 'psu',
    decider: incident.revote_decider ?? 'KPU',
    by: '',
    on: incident.revote_on ?? '',
    other: into,
  }
}

/** Whether an action wants words. */
export function wantsWords(action: Action | 'answer', draft: Draft): boolean {
  if (action === 'verification') return draft.state === 'terverifikasi'
  return !MAY_BE_SILENT.includes(action)
}

/** Whether a form can be sent. */
export function isComplete(action: Action | 'answer', draft: Draft): boolean {
  const said = draft.said.trim().length
  if (wantsWords(action, draft) ? said < SAID_LEAST : said > 0 && said < SAID_LEAST) return false
  switch (action) {
    case 'merge':
      return draft.other !== null
    case 'delegation':
      return draft.tier !== ''
    case 'owner':
      return /^[a-z0-9][a-z0-9._-]{1,62}$/.test(draft.username.trim().toLowerCase())
    case 'request':
      return draft.addressee.trim().length >= 2
    case 'location':
      return degrees(draft.latitude, 90) !== null && degrees(draft.longitude, 180) !== null
    case 'revote':
      return draft.decider.trim().length >= 2 && draft.by !== ''
    default:
      return true
  }
}

/** Degrees as somebody typed them, with a point or a comma; null where they are none. */
export function degrees(text: string, most: number): number | null {
  const value = Number(text.trim().replace(',', '.'))
  return text.trim() !== '' && Number.isFinite(value) && Math.abs(value) <= most ? value : null
}

/** The request that an action is; `zone` is the offset of the place, `+07:00`. */
export function sendingOf(action: Action | 'answer', incident: Incident, draft: Draft, zone: string, number?: number): Sending {
  const path = `/v1/incidents/${incident.id}`
  const said = draft.said.trim()
  const words = said ? { said } : {}
  const put = (last: string, more: Record<string, unknown> = {}): Sending => ({ method: 'put', path: `${path}/${last}`, body: { ...more, ...words } })
  switch (action) {
    case 'comment':
      return { method: 'post', path: `${path}/comments`, body: { said } }
    case 'request':
      return { method: 'post', path: `${path}/requests`, body: { kind: draft.kind, addressee: draft.addressee.trim(), said } }
    case 'answer':
      return put(`requests/${number}/answer`)
    case 'void':
      return { method: 'post', path: '/v1/approvals', body: { kind: 'void_incident', operation: incident.operation, incident: incident.id, reason: said } }
    case 'snooze':
      return put('snooze', { minutes: draft.minutes })
    case 'merge':
      return put('merge', { into: draft.other?.id })
    case 'parent':
      return put('parent', { parent: draft.other?.id ?? null })
    case 'delegation':
      return put('delegation', { tier: draft.tier })
    case 'classification':
      return put('classification', { category: draft.category, severity: draft.severity })
    case 'verification':
      return put('verification', { state: draft.state })
    case 'owner':
      return put('owner', { username: draft.username.trim().toLowerCase() })
    case 'location':
      return put('location', { latitude: degrees(draft.latitude, 90), longitude: degrees(draft.longitude, 180) })
    case 'revote':
      return put('revote', { kind: draft.revote, decider: draft.decider.trim(), by: momentOf(draft.by, zone), ...(draft.on ? { on: draft.on } : {}) })
    default:
      return put(action)
  }
}

/** The way back, where there is one: what makes it as it was. */
export function undoOf(action: Action | 'answer', was: Incident, said: string): Sending | null {
  const path = `/v1/incidents/${was.id}`
  switch (action) {
    case 'classification':
      // What a report said since cannot be said again.
      return was.alleged !== null ? null : { method: 'put', path: `${path}/classification`, body: { category: was.category, severity: was.severity, said } }
    case 'owner':
      return was.owner === null ? null : { method: 'put', path: `${path}/owner`, body: { username: was.owner } }
    case 'parent':
      return { method: 'put', path: `${path}/parent`, body: { parent: was.parent } }
    case 'verification':
      return { method: 'put', path: `${path}/verification`, body: { state: was.verification, ...(was.proof ? { said: was.proof } : {}) } }
    case 'location':
      return was.latitude === null ? null : { method: 'put', path: `${path}/location`, body: { latitude: was.latitude, longitude: was.longitude } }
    default:
      return null
  }
}

/** A form's date and time as a moment at a place; a bare date is its last minute. */
export function momentOf(value: string, zone: string): string {
  return value.includes('T') ? `${value}:00${zone}` : `${value}T23:59:00${zone}`
}

/** `+07:00`. */
export function zoneSuffix(offset: number): string {
  return `${offset < 0 ? '-' : '+'}${String(Math.abs(offset)).padStart(2, '0')}:00`
}

/** A moment as a client says it at a place `offset` hours east of UTC, to the second. */
export function localMoment(ms: number, offset: number): string {
  return new Date(ms + offset * 3_600_000).toISOString().slice(0, 19) + zoneSuffix(offset)
}
