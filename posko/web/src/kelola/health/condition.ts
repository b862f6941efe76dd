/** How the service is, as `/v1/health` answers, and what each part of it means to whoever is on duty. */
import type { Grade } from '../mark.ts'

export interface Condition {
  at: string | null
  up_s: number
  database: { state: 'up' | 'down'; answered_ms: number | null; bytes: number | null; connections_busy: number; connections: number }
  redis: { state: 'up' | 'down'; answered_ms: number | null }
  intake: { waiting: number; room: number; oldest_s: number | null }
  late_s: number | null
  workers: { heard_s: number; turn_s: number | null; is_well: boolean; proven: number; wrong: number; channels: string[] }[] | null
  hubs: { heard_s: number; sockets: number; read_s: number | null }[] | null
  webhooks: { endpoints: number; failing: number; failing_since: string | null; waiting: number; waiting_since: string | null; parked: number; dead: number } | null
  messages: { waiting: number; waiting_since: string | null; failed: number; failed_at: string | null } | null
  photos: { store: 'directory' | 'bucket' | 'off'; sending: number; room: number }
  disk: { free_bytes: number; total_bytes: number } | null
}

export const PARTS = ['database', 'redis', 'intake', 'late', 'workers', 'proof', 'hubs', 'webhooks', 'messages', 'photos', 'disk'] as const
export type Part = (typeof PARTS)[number]

/** What is said of a part: `health.<part>.<state>` its state, `.<state>.do` what to do, `health.<part>.figure` its number. */
export interface Line {
  part: Part
  grade: Grade
  state: string
  /** What the words of the figure are filled with; null: there is none. */
  figure: Figure | null
  /** Since when, as the server knows it. */
  since: string | null
}
/** Whether a number is a duration (`s`) or a size (`bytes`) is said by its name. */
export type Figure = Record<string, number>

/** A process that has said nothing for so long is taken for gone. */
export const SILENT_S = 8
const SLOW_MS = 500
const LATE_S = 30
const BEHIND_S = 5
const OLD_S = 60
const MESSAGE_OLD_S = 300
const GIGABYTE = 1e9

const line = (part: Part, grade: Grade, state: string, figure: Figure | null = null, since: string | null = null): Line => ({ part, grade, state, figure, since })

/** The lines in the order in which they matter. */
export function linesOf(now: Condition): Line[] {
  return [database(now), redis(now), intake(now), late(now), workers(now), proof(now), hubs(now), webhooks(now), messages(now), photos(now), disk(now)]
}

function database({ database: { state, answered_ms, bytes, connections_busy, connections } }: Condition): Line {
  if (state === 'down' || answered_ms === null || bytes === null) return line('database', 'bad', 'down')
  const isSlow = answered_ms > SLOW_MS
  return line('database', isSlow ? 'wait' : 'good', isSlow ? 'slow' : 'up', { ms: answered_ms, bytes, busy: connections_busy, all: connections })
}

function redis({ redis: { state, answered_ms } }: Condition): Line {
  return state === 'down' || answered_ms === null ? line('redis', 'wait', 'down') : line('redis', 'good', 'up', { ms: answered_ms })
}

function intake({ intake: { waiting, room, oldest_s } }: Condition): Line {
  const figure = { waiting, room, s: oldest_s ?? 0 }
  if (waiting > room / 2 || (oldest_s ?? 0) > LATE_S) return line('intake', 'bad', 'full', figure)
  return (oldest_s ?? 0) > BEHIND_S ? line('intake', 'wait', 'slow', figure) : line('intake', 'good', 'up', figure)
}

function late({ late_s }: Condition): Line {
  if (late_s === null) return line('late', 'unknown', 'unknown')
  return late_s > LATE_S ? line('late', 'bad', 'late', { s: late_s }) : late_s > BEHIND_S ? line('late', 'wait', 'slow', { s: late_s }) : line('late', 'good', 'up', { s: late_s })
}

function workers({ workers: known }: Condition): Line {
  if (known === null) return line('workers', 'unknown', 'unknown')
  const heard = known.filter(({ heard_s }) => heard_s < SILENT_S)
  const [last] = known
  if (last === undefined) return line('workers', 'bad', 'none')
  if (heard.length === 0) return line('workers', 'bad', 'silent', { n: 0, s: last.heard_s })
  const turn_s = Math.min(...heard.map(({ turn_s: s, heard_s }) => (s ?? Infinity) + heard_s))
  if (turn_s > LATE_S) return line('workers', 'bad', 'stuck', turn_s < Infinity ? { n: heard.length, s: turn_s } : null)
  return line('workers', heard.some(({ is_well }) => is_well) ? 'good' : 'wait', heard.some(({ is_well }) => is_well) ? 'up' : 'late', { n: heard.length, s: turn_s })
}

function proof({ workers: known }: Condition): Line {
  if (known === null) return line('proof', 'unknown', 'unknown')
  const [proven, wrong] = [known.reduce((sum, w) => sum + w.proven, 0), known.reduce((sum, w) => sum + w.wrong, 0)]
  if (wrong > 0) return line('proof', 'bad', 'wrong', { proven, wrong })
  return proven === 0 ? line('proof', 'unknown', 'none') : line('proof', 'good', 'up', { proven, wrong })
}

function hubs({ hubs: known }: Condition): Line {
  if (known === null) return line('hubs', 'unknown', 'unknown')
  const heard = known.filter(({ heard_s }) => heard_s < SILENT_S)
  const [last] = known
  if (last === undefined) return line('hubs', 'bad', 'none')
  if (heard.length === 0) return line('hubs', 'bad', 'silent', { n: 0, sockets: 0, s: last.heard_s })
  const read_s = Math.max(...heard.map(({ read_s: s }) => s ?? Infinity))
  const sockets = heard.reduce((sum, hub) => sum + hub.sockets, 0)
  const isBehind = read_s > BEHIND_S
  return line('hubs', isBehind ? 'bad' : 'good', isBehind ? 'behind' : 'up', Number.isFinite(read_s) ? { n: heard.length, sockets, s: read_s } : null)
}

/** Seconds from a moment to the clock of the answer. */
const agoOf = (at: string | null, since: string | null): number => (at === null || since === null ? 0 : (Date.parse(at) - Date.parse(since)) / 1000)

function webhooks({ at, webhooks: known }: Condition): Line {
  if (known === null) return line('webhooks', 'unknown', 'unknown')
  const { endpoints, failing, failing_since, waiting, waiting_since, parked, dead } = known
  const figure = { endpoints, failing, waiting, parked, dead }
  if (endpoints === 0) return line('webhooks', 'good', 'none')
  if (failing > 0) return line('webhooks', 'bad', 'failing', figure, failing_since)
  if (agoOf(at, waiting_since) > OLD_S) return line('webhooks', 'wait', 'old', figure, waiting_since)
  return parked + dead > 0 ? line('webhooks', 'wait', 'stuck', figure) : line('webhooks', 'good', 'up', figure, waiting_since)
}

function messages({ at, messages: known, workers: working }: Condition): Line {
  if (known === null) return line('messages', 'unknown', 'unknown')
  const { waiting, waiting_since, failed, failed_at } = known
  const figure = { waiting, failed }
  if (failed > 0) return line('messages', 'bad', 'failed', figure, failed_at)
  if (working !== null && working.length > 0 && working.every(({ channels }) => channels.length === 0)) return line('messages', 'wait', 'off', figure, waiting_since)
  return agoOf(at, waiting_since) > MESSAGE_OLD_S ? line('messages', 'wait', 'old', figure, waiting_since) : line('messages', 'good', 'up', figure, waiting_since)
}

function photos({ photos: { store, sending, room } }: Condition): Line {
  if (store === 'off') return line('photos', 'wait', 'off')
  return sending >= room ? line('photos', 'wait', 'full', { sending, room }) : line('photos', 'good', 'up', { sending, room })
}

function disk({ disk: known }: Condition): Line {
  if (known === null) return line('disk', 'unknown', 'unknown')
  const { free_bytes, total_bytes } = known
  const figure = { free_bytes, total_bytes }
  if (free_bytes < GIGABYTE || free_bytes < total_bytes / 20) return line('disk', 'bad', 'full', figure)
  return free_bytes < (total_bytes * 3) / 20 ? line('disk', 'wait', 'low', figure) : line('disk', 'good', 'up', figure)
}

/** Since when each part is as it is, as this page saw it: what changed is so since now. */
export function seenSince(before: ReadonlyMap<Part, { state: string; at: number }>, lines: readonly Line[], now: number): Map<Part, { state: string; at: number }> {
  return new Map(lines.map(({ part, state }) => {
    const known = before.get(part)
    return [part, known?.state === state ? known : { state, at: now }]
  }))
}
