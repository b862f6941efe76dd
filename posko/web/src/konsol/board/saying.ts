/** Incidents and their logs in sentences. */

import { minutesAndSeconds } from '../../countdown.ts'
import { momentAt } from '../../moments.ts'
import type { Words } from '../../words.ts'
import { nameOfCategory } from '../naming.ts'
import { type Entry, type Incident, TIERS } from './incident.ts'

/** Names that a sentence needs and a record has not. */
export interface Naming {
  /** The name of a region. */
  placeOf: (code: string) => string
  /** The code that the place of the incident has: its zone is the one that times are told in. */
  place: string
}

/** `#12 Bencana: banjir`. */
export function titleOf(words: Words, incident: Pick<Incident, 'number' | 'category'>): string {
  return `#${incident.number} ${nameOfCategory(words, incident.category)}`
}

/** `TPS 003, Kelurahan Ancol`. */
export function whereOf(incident: Pick<Incident, 'place_name' | 'region_name'>): string {
  return incident.region_name ? `${incident.place_name}, ${incident.region_name}` : incident.place_name
}

/** What one row of the log says; the words of whoever acted stand beside it. */
export function sentenceOf(words: Words, entry: Entry, naming: Naming): string {
  const details = entry.details ?? {}
  const text = (name: string): string => (typeof details[name] === 'string' ? details[name] : '')
  const number = (name: string): string => String(details[name] ?? '')
  const who = entry.by ?? words.say('board.entry.posko')
  const tier = tierIn(words, details['tier'])
  const said = {
    who,
    tier,
    severity: text('severity') ? words.say(`severity.${text('severity')}`) : '',
    category: text('category') ? nameOfCategory(words, text('category')) : '',
    number: number('number'),
    desk: text('desk') ? naming.placeOf(text('desk')) : '',
    minutes: number('minutes'),
    owner: text('username'),
    addressee: addresseeIn(words, text('addressee'), naming),
    latitude: number('latitude'),
    longitude: number('longitude'),
    targets: number('targets'),
    done: number('done'),
    refused: number('refused'),
    kind: text('kind').toUpperCase(),
    on: text('on'),
  }
  return words.say(`board.entry.${variantOf(words, entry, details)}`, { ...said, action: entry.action })
}

/** Which sentence: some actions have several. */
function variantOf(words: Words, entry: Entry, details: Record<string, unknown>): string {
  switch (entry.action) {
    case 'verification':
      return `verification.${String(details['state'])}`
    case 'overdue':
      return details['due'] === 'resolution' ? 'overdue.resolution' : 'overdue.acknowledgement'
    case 'parent':
      return details['parent'] === null ? 'parent.none' : 'parent'
    case 'owner':
      return details['username'] === entry.by ? 'owner.self' : 'owner'
    case 'report':
      return typeof details['corrects'] === 'string' ? 'report.corrects' : 'report'
    case 'revote':
      return typeof details['on'] === 'string' ? 'revote.decided' : 'revote'
    case 'merge':
      return entry.by === null ? 'merge.self' : 'merge'
    default:
      return words.has(`board.entry.${entry.action}`) ? entry.action : 'other'
  }
}

function tierIn(words: Words, tier: unknown): string {
  const name = typeof tier === 'number' ? TIERS[tier] : undefined
  return name ? words.say(`board.tier.${name}`) : ''
}

/** A desk's region by its name, an institution by its word. */
export function addresseeIn(words: Words, addressee: string, naming: Naming): string {
  if (/^(ID|\d{2}(\.\d+)*)$/.test(addressee)) return words.say('board.desk.of', { name: naming.placeOf(addressee) })
  return addressee.toUpperCase().replaceAll('_', ' ')
}

/** What remains, for a clock that is looked at: `9:05`, above an hour `2 jam 05 mnt`. */
export function leftIn(words: Words, ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 3600) return minutesAndSeconds(seconds)
  if (seconds >= 86_400) return words.say('board.days', { n: Math.floor(seconds / 86_400) })
  return words.say('board.hours', { h: Math.floor(seconds / 3600), m: String(Math.floor((seconds % 3600) / 60)).padStart(2, '0') })
}

/** What its climbing does next, by the clock of the operation (milliseconds since 1970); null where it climbs no more. */
export function climbOf(words: Words, incident: Incident, now: number): { text: string; isSoon: boolean } | null {
  if (incident.escalation === 'exhausted') return { text: words.say('board.climb.exhausted'), isSoon: false }
  if (incident.next_at === null || incident.next_tier === null || incident.escalation === 'stopped') return null
  const left = Date.parse(incident.next_at) - now
  const tier = words.say(`board.tier.${incident.next_tier}`)
  const isHigher = TIERS.indexOf(incident.next_tier) < TIERS.indexOf(incident.tier)
  const held = incident.held_until !== null && Date.parse(incident.held_until) > now
  const key = held ? 'held' : incident.escalation === 'accepted' ? 'quiet' : isHigher ? 'up' : 'again'
  if (left <= 0) return { text: words.say(`board.climb.${isHigher ? 'up' : 'again'}.now`, { tier }), isSoon: true }
  return { text: words.say(`board.climb.${key}`, { tier, time: leftIn(words, left) }), isSoon: !held && left < 180_000 }
}

/** A moment at the place of the incident, with its zone. */
export function whenAt(words: Words, time: string, place: string): string {
  return momentAt(words, time, place)
}
