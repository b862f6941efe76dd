/** What goes over the wire: the types of PROTOCOL.md, in its words. */

/** Region or TPS and its counters as of `version`; a vector shorter than the names ends in zeros. */
export interface Row {
  code: string
  version: number
  /** Server's time of the last report, RFC 3339; none before the first. */
  last_at?: string | null
  counters: number[]
}

/** A row of a delta: the whole vector, or the value now of the slots (1-based) that changed. */
export interface Change {
  code: string
  version: number
  last_at?: string | null
  counters?: number[]
  set?: Record<string, number>
}

export interface Hello {
  type: 'hello'
  protocol: number
  server_at: string
  heartbeat_s: number
  topics_limit: number
  frame_limit_bytes: number
  /** When the server last read the database. */
  read_at?: string
}

export interface Snapshot {
  type: 'snapshot'
  topic: string
  version: number
  layout: number
  at: string
  names: Record<string, string>
  counters: string[]
  rows: Row[]
}

export interface Delta {
  type: 'delta'
  topic: string
  from: number
  to: number
  layout: number
  at: string
  rows: Change[]
}

export interface Heartbeat {
  type: 'heartbeat'
  at: string
  versions: Record<string, number>
  /** When the server last read the database: what it shows is as old as that. */
  read_at?: string
  /** Only while posko itself is late: alarms and escalations that fell due so many seconds ago have not happened. */
  late_s?: number
  /** Those of the operations watched that are closed: they take no more reports. */
  closed?: number[]
}

export interface LiveProblem {
  type: 'problem'
  code: string
  detail?: string
  topic?: string
}

export interface Bye {
  type: 'bye'
  code: 'slow' | 'busy' | 'revoked' | 'shutdown' | 'ticket'
  retry_after_s: number
}

export type FromServer = Hello | Snapshot | Delta | Heartbeat | LiveProblem | Bye

export interface Subscribe {
  type: 'subscribe'
  topic: string
  since?: number
  layout?: number
}

export interface Unsubscribe {
  type: 'unsubscribe'
  topic: string
}

export type FromClient = Subscribe | Unsubscribe

/** RFC 9457 problem details. */
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail?: string
  /** `codes`: the places that it is about, where it is of some among several. */
  errors?: { path: string; rule: string; message: string; codes?: string[] }[]
  retry_after_s?: number
}

export interface Ticket {
  ticket: string
  url: string
  expires_at: string
}
