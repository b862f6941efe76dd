/** What may be done about an incident: by its status, by whom; the server has the last word. */

import type { Role, Seat } from '../../accounts.ts'
import { contains } from '../../places.ts'
import { type Incident, type Status, type Step, TIERS } from './incident.ts'

export const ACTIONS = [
  'acknowledgement', 'handling', 'resolution', 'closure', 'reopening', 'directive', 'escalation', 'comment', 'snooze', 'merge', 'owner', 'classification',
  'verification', 'delegation', 'request', 'parent', 'location', 'revote', 'void',
] as const
export type Action = (typeof ACTIONS)[number]

const OPEN: readonly Status[] = ['baru', 'diterima', 'ditangani', 'dibuka_kembali']
const OPEN_OR_OVER: readonly Status[] = [...OPEN, 'selesai', 'ditutup']
const NOT_CLOSED: readonly Status[] = [...OPEN, 'selesai']

/** From which statuses each action is possible. */
const FROM: Record<Action, readonly Status[]> = {
  acknowledgement: OPEN,
  handling: ['diterima'],
  resolution: ['diterima', 'ditangani'],
  closure: ['selesai'],
  reopening: ['selesai', 'ditutup'],
  directive: NOT_CLOSED,
  escalation: OPEN,
  comment: [...OPEN_OR_OVER, 'digabung', 'batal'],
  snooze: OPEN,
  merge: NOT_CLOSED,
  owner: OPEN,
  classification: OPEN_OR_OVER,
  verification: OPEN_OR_OVER,
  delegation: OPEN,
  request: OPEN,
  parent: OPEN_OR_OVER,
  location: OPEN_OR_OVER,
  revote: OPEN_OR_OVER,
  void: NOT_CLOSED,
}

/** What ends, slows or hides the climbing is done by the tier that it has climbed to, or above. */
const OF_ITS_TIER: readonly Action[] = ['acknowledgement', 'snooze', 'merge', 'delegation', 'parent']
const ACTS: readonly Role[] = ['operator', 'supervisor', 'admin']
const SUPERVISES: readonly Role[] = ['supervisor', 'admin']

/** The level of a code: 0 the nation ... 4 kelurahan, 5 dusun, 6 a TPS. */
export function depthOf(code: string): number {
  if (code === 'ID') return 0
  const parts = code.split('.')
  return parts.length <= 4 ? parts.length : parts.at(-1)?.length === 3 ? 6 : 5
}

/** The highest region of a seat that covers a place; null where it has none. */
export function coverOf(seat: Pick<Seat, 'regions'> | null, place: string): string | null {
  const over = seat?.regions.filter((region) => contains(region, place)) ?? []
  return over.reduce<string | null>((top, code) => (top === null || depthOf(code) < depthOf(top) ? code : top), null)
}

/** Whether this seat does anything about incidents at a place. */
export function mayAct(seat: Pick<Seat, 'regions' | 'role'> | null, place: string): boolean {
  return seat !== null && ACTS.includes(seat.role) && coverOf(seat, place) !== null
}

/** Whether it has climbed above this seat, which then may neither accept nor slow it. */
export function isAbove(seat: Pick<Seat, 'regions'> | null, incident: Incident): boolean {
  const cover = coverOf(seat, incident.place)
  return cover !== null && depthOf(cover) > TIERS.indexOf(incident.tier)
}

/** Everything that this seat may do about an incident as it stands, in the order in which it is offered. */
export function actionsFor(seat: Pick<Seat, 'regions' | 'role'> | null, incident: Incident): Action[] {
  if (!mayAct(seat, incident.place)) return []
  return ACTIONS.filter((action) => FROM[action].includes(incident.status) && isAllowed(action, seat, incident))
}

function isAllowed(action: Action, seat: Pick<Seat, 'regions' | 'role'> | null, incident: Incident): boolean {
  if (OF_ITS_TIER.includes(action) && isAbove(seat, incident)) return action === 'parent' && incident.parent !== null
  switch (action) {
    case 'acknowledgement':
      // A higher tier accepts what goes on climbing in others' hands.
      return incident.acknowledged_at === null || incident.escalation !== 'accepted'
    case 'snooze':
      return incident.escalation !== 'exhausted' && !isResting(incident)
    case 'escalation':
      return incident.tier !== 'nasional'
    case 'delegation':
      return TIERS.indexOf(incident.tier) < Math.min(depthOf(incident.place), 5)
    case 'revote':
      return seat !== null && SUPERVISES.includes(seat.role) && incident.restricts === null && depthOf(incident.place) === 6
    default:
      return true
  }
}

/** Whether its next step waits for the end of a rest: it rests again only after that step. */
export function isResting(incident: Incident): boolean {
  return incident.held_until !== null && incident.next_at !== null && Date.parse(incident.next_at) <= Date.parse(incident.held_until)
}

/** Whether no tier above is left to be told; `preview` is what happens if nobody does anything, empty where that is not known. */
export function isAtTop(incident: Pick<Incident, 'escalation' | 'tier'>, preview: readonly Pick<Step, 'tier'>[]): boolean {
  if (incident.escalation === 'exhausted') return true
  return preview.length > 0 && preview.every((step) => TIERS.indexOf(step.tier) >= TIERS.indexOf(incident.tier))
}

/** The longest rest of one, in minutes. */
export function longestRest(incident: Incident): number {
  return (incident.alleged ?? incident.severity) === 'kritis' ? 30 : 240
}

/** Lower tiers that it may be handed down to. */
export function tiersBelow(incident: Incident): (typeof TIERS)[number][] {
  return TIERS.filter((_, level) => level > TIERS.indexOf(incident.tier) && level <= Math.min(depthOf(incident.place), 5))
}

/** The desks over a place, from a region of the seat down; the place itself is none unless it is a region. */
export function desksOver(top: string, place: string): string[] {
  const parts = place.split('.')
  const codes = ['ID', ...parts.map((_, index) => parts.slice(0, index + 1).join('.'))]
  return codes.filter((code) => contains(top, code) && depthOf(code) < 6)
}
