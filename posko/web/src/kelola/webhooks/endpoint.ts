/** Systems that are told by webhook, as the routes of webhooks answer, and what is to be read out of them. */

export type State = 'unverified' | 'active' | 'paused' | 'disabled'
export type DeliveryState = 'pending' | 'delivered' | 'parked' | 'dead' | 'skipped' | 'dropped'
export const DELIVERY_STATES: readonly DeliveryState[] = ['pending', 'delivered', 'parked', 'dead', 'skipped', 'dropped']

export interface EndpointIn {
  operation: number
  region: string
  url: string
  description: string
  types: string[]
  payload: 'full' | 'thin'
  rate: number
  cleared: boolean
}

export interface Endpoint extends EndpointIn {
  id: number
  state: State
  state_why: string | null
  owner: string | null
  is_stopped: boolean
  added_at: string
  verified_at: string | null
  failing_since: string | null
  is_full: boolean
  sequence: number
  waiting: number
  parked: number
  dead: number
  keys: number
  key_made_at: string | null
  waiting_since: string | null
  delivered_at: string | null
  resting_until: string | null
  removed_at: string | null
  removed_by: string | null
}

export interface Delivery {
  id: string
  sequence: number
  type: string
  key: string
  lane: 'escalation' | 'rest'
  region: string
  at: string
  state: DeliveryState
  why: string | null
  attempts: number
  is_replayed: boolean
  ended_at: string | null
  next_at: string | null
}

export interface Attempt {
  event: string
  type: string
  number: number
  at: string
  ms: number
  status: number | null
  error: string | null
  address: string | null
  answer: string | null
}

export interface EventType {
  type: string
  description: string
}

/** How it stands with an endpoint, the gravest that is so. */
export type Standing = 'removed' | 'stopped' | 'disabled' | 'resting' | 'failing' | 'unverified' | 'paused' | 'parked' | 'active'

export function standingOf(endpoint: Endpoint): Standing {
  if (endpoint.removed_at !== null) return 'removed'
  if (endpoint.is_stopped) return 'stopped'
  if (endpoint.state === 'disabled') return 'disabled'
  if (endpoint.state !== 'active') return endpoint.state
  if (endpoint.resting_until !== null) return 'resting'
  if (endpoint.failing_since !== null) return 'failing'
  return endpoint.parked > 0 ? 'parked' : 'active'
}

export type Outcome = 'good' | 'refused' | 'broken'

/** What an attempt came to: taken, refused (4xx), or no whole answer, a failure of theirs, a redirection. */
export function outcomeOf(attempt: Pick<Attempt, 'status' | 'error'>): Outcome {
  const { status, error } = attempt
  if (error !== null || status === null) return 'broken'
  if (status >= 200 && status < 300) return 'good'
  return status >= 400 && status < 500 ? 'refused' : 'broken'
}

export interface Bar {
  /** When the stretch begins. */
  from: number
  good: number
  refused: number
  broken: number
}

export const BARS = 12
const STRETCH_MS = 5 * 60_000

/** The attempts of the hour until `now`, in stretches of five minutes by what they came to. */
export function barsOf(attempts: readonly Attempt[], now: number): Bar[] {
  const end = Math.ceil(now / STRETCH_MS) * STRETCH_MS
  const bars = Array.from({ length: BARS }, (_, i): Bar => ({ from: end - (BARS - i) * STRETCH_MS, good: 0, refused: 0, broken: 0 }))
  for (const attempt of attempts) {
    const bar = bars[BARS - 1 - Math.floor((end - 1 - Date.parse(attempt.at)) / STRETCH_MS)]
    if (bar) bar[outcomeOf(attempt)] += 1
  }
  return bars
}

export interface Group {
  /** `incident`. */
  name: string
  types: EventType[]
}

/** Types that one may ask for, by what they are about; what is sent by hand is not among them. */
export function groupsOf(types: readonly EventType[]): Group[] {
  const groups = new Map<string, EventType[]>()
  for (const one of types) {
    const [name = ''] = one.type.split('.')
    if (one.type === 'endpoint.challenge' || one.type === 'endpoint.test') continue
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  return [...groups].map(([name, of]) => ({ name, types: of }))
}

/** Whether a type is asked for by these patterns: itself, its group's or `*`. */
export function isWanted(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))))
}

/** The patterns with one more or one less; what it stands for goes with it. */
export function toggled(patterns: readonly string[], pattern: string, isOn: boolean): string[] {
  if (!isOn) return patterns.filter((other) => other !== pattern)
  const rest = pattern.endsWith('*') ? patterns.filter((other) => !isWanted([pattern], other)) : patterns.filter((other) => other !== pattern)
  return [...rest, pattern]
}

/** Where in the konsol what an event is about is looked at, or null. */
export function placeOf(endpoint: Pick<Endpoint, 'operation'>, delivery: Pick<Delivery, 'key' | 'region'>): string | null {
  const [kind, id] = delivery.key.split(':')
  const view = { incident: `kejadian/${id}`, alarm: 'alarm', directive: `arahan/${id}` }[kind ?? '']
  if (kind === 'report' || kind === 'rollup') return `/konsol/#/${endpoint.operation}/${delivery.region}`
  return view === undefined ? null : `/konsol/#/${endpoint.operation}/${delivery.region}/${view}`
}
