/** The records that HTTP answers with, as far as these pages read them. */

export interface Operation {
  id: number
  name: string
  mode: 'live' | 'drill'
  state: 'draft' | 'active' | 'closed'
  layout: number
  root_code: string
  starts_on: string
  voting_day: string
  tps_estimated: boolean
}

export interface Milestone {
  code: string
  position: number
  day: number
  /** Clock time local to the TPS, `07:00:00`. */
  planned: string
  grace_minutes: number
  label_id: string
  label_en: string
}

export interface Paslon {
  number: number
  name: string
  is_empty_box?: boolean
}

export interface Contest {
  id: number
  kind: string
  region_code: string
  paslon: Paslon[]
}

export interface OperationDetail extends Operation {
  /** The number under which the cleared read what is restricted; to others it does not exist. */
  restricted_lane?: number | null
  milestones: Milestone[]
  contests: Contest[]
  /** They are those of the Pilkada 2024 as published; nobody has said others. */
  contests_published?: boolean
  counters: string[]
}

/** A place that a number is made of, and how much of it. */
export interface Behind {
  code: string
  name: string
  parent_name?: string | null
  value: number
  last_at?: string | null
}

export interface BehindPage {
  version: number
  counter: string
  total: number
  places: Behind[]
  next: string | null
}

export interface Page<T> {
  rows: T[]
  /** The `after` of the following page; null on the last. */
  next: string | null
}

export interface Sexes {
  l: number
  p: number
}

/** A photo that comes after its report: SHA-256 and length of the file as it will be sent. */
export interface Promised {
  sha256: string
  bytes: number
}

/** A voice note that comes after its report, and how long its recorder says that it is. */
export interface PromisedVoice extends Promised {
  seconds: number
}

export type Content =
  | { kind: 'milestone'; milestone: string; possible?: boolean; reason?: string; photos?: Promised[]; voice?: PromisedVoice }
  | { kind: 'turnout'; dpt: Sexes; dptb: Sexes; dpk: Sexes; disabled?: Sexes }
  | { kind: 'ballots'; contest: string; received: number; used: number; spoilt: number; unused: number }
  | { kind: 'count'; contest: string; votes: Record<string, number>; valid: number; invalid: number; photos?: Promised[]; voice?: PromisedVoice }
  | { kind: 'custody'; holder: string; sealed: boolean; note?: string; photos?: Promised[]; voice?: PromisedVoice }
  | IncidentContent
  | { kind: 'nihil'; note?: string }
  | { kind: 'unreachable'; attempts: { at: string; how: string }[]; note?: string }
  | { kind: 'correction'; of: string; reason: string; replacement?: Content }

export interface IncidentContent {
  kind: 'incident'
  category: string
  severity: string
  occurrence: string
  text: string
  people?: number
  joins?: string
  point?: { latitude: number; longitude: number }
  persons?: { part: string; name: string }[]
  photos?: Promised[]
  voice?: PromisedVoice
}

export interface Report {
  id: string
  place: string
  subject: string | null
  reporter: string
  on_behalf_of: string | null
  channel: string
  /** Seconds that the device's clock was ahead, where `observed_at` was put right by it. */
  clock_skew_s?: number | null
  version: number
  observed_at: string
  received_at: string
  corrected_by: string | null
  flags: string[]
  content: Content
}

export interface IncidentReport {
  id: string
  place: string
  place_name: string
  reporter: string
  on_behalf_of: string | null
  observed_at: string
  received_at: string
  content: Content
}

export interface Flag {
  kind: string
  subject: string
  report_id: string
  place: string
  place_name: string
}

/** A flag as its place knows it: since when, how it was settled, and when and by which report it was overtaken. */
export interface PlaceFlag {
  kind: string
  subject: string
  report_id: string
  /** Unknown of the oldest. */
  raised_at?: string
  cleared_at?: string
  cleared_by?: string
  reason?: string
  ended_at?: string
  ended_by?: string
}

export interface Tps {
  code: string
  name: string
  number: number
  utc_offset: number
  voters_l: number
  voters_p: number
  address: string | null
  latitude?: number | null
  longitude?: number | null
  indicators: string[]
  police_grade: string | null
  polsek: string | null
  koramil: string | null
  last_at: string | null
  version: number
  counters: number[]
  flags: PlaceFlag[]
  /** Those that stood once. */
  past_flags: PlaceFlag[]
}

/** A place that a search found. */
export interface Hit {
  code: string
  level: string
  name: string
  /** From near to far, as far as the seat reaches. */
  parents: { code: string; name: string }[]
}

export interface Hits {
  operation: number
  hits: Hit[]
}
