import type { Session } from '../accounts.ts'
import { Refusal } from '../http.ts'
import { Wall } from '../dinding/wall.svelte.ts'
import { Konsol } from '../konsol/konsol.svelte.ts'
import type { Preferences } from '../page/preferences.svelte.ts'
import type { IncidentReport, OperationDetail } from '../records.ts'
import type { Standing } from '../socket.ts'

/** A small region at half past one, for components that show one. */
export const OPERATION = 1
export const CODE = '31.72.01'

const MILESTONES = [
  ['kpps_present', '06:00:00', 'KPPS hadir', 'KPPS present'],
  ['voting_open', '07:00:00', 'Pemungutan suara dibuka', 'Voting opened'],
  ['voting_closed', '13:00:00', 'Pemungutan suara ditutup', 'Voting closed'],
  ['count_finished', '17:00:00', 'Penghitungan selesai', 'Count finished'],
] as const

/** Rows of counters by name, so that they read here. */
const ROWS: Record<string, Record<string, number>> = {
  '31.72.01.1001': {
    tps: 120, covered: 118, reports: 371, voters_l: 33_000, voters_p: 34_000, 'turnout.tps': 100, 'turnout.dpt_l': 21_000, 'turnout.dpt_p': 22_500,
    'milestone.kpps_present.reached': 118, 'milestone.voting_open.reached': 112, 'milestone.voting_open.late': 9, 'milestone.voting_open.not_possible': 2,
    'milestone.voting_open.unreachable': 4, 'milestone.voting_closed.reached': 61, 'incident.kritis': 1, 'incident.sedang': 4, 'case.baru.kritis': 1, 'case.ditangani.sedang': 3,
    'case.overdue': 1, 'alarm.belum_lapor': 2, 'flag.turnout_over': 1, unreachable: 2, 'count.gubernur.tps': 40, 'count.gubernur.paslon.1': 5_100,
    'count.gubernur.paslon.2': 6_900, 'count.gubernur.valid': 12_000, 'count.gubernur.invalid': 300,
  },
  '31.72.01.1002': {
    tps: 80, covered: 80, reports: 240, voters_l: 20_000, voters_p: 21_000, 'turnout.tps': 79, 'turnout.dpt_l': 14_000, 'turnout.dpt_p': 15_000,
    'milestone.kpps_present.reached': 80, 'milestone.voting_open.reached': 80, 'milestone.voting_closed.reached': 20, 'incident.tinggi': 2, 'incident.rendah': 1,
    'case.diterima.tinggi': 2, nihil: 3, 'count.gubernur.tps': 11, 'count.gubernur.paslon.1': 1_700, 'count.gubernur.paslon.2': 1_500, 'count.gubernur.valid': 3_200,
    'count.gubernur.invalid': 60,
  },
}
const NAMES = [...new Set(Object.values(ROWS).flatMap((row) => Object.keys(row)))]
const TPS_AT = '2024-11-27T06:31:00Z'

const DETAIL: OperationDetail = {
  id: OPERATION, name: 'Pilkada contoh', mode: 'drill', state: 'active', layout: 1, root_code: CODE, starts_on: '2024-10-01', voting_day: '2024-11-27', tps_estimated: true,
  milestones: MILESTONES.map(([code, planned, label_id, label_en], position) => ({ code, position, day: 0, planned, grace_minutes: 15, label_id, label_en })),
  contests: [{ id: 1, kind: 'gubernur', region_code: '31', paslon: [{ number: 1, name: 'Paslon satu' }, { number: 2, name: 'Paslon dua' }] }],
  counters: NAMES,
}

export const INCIDENT: IncidentReport = {
  id: '0193655a-7c00-7000-8000-000000000001', place: `${CODE}.1001.007`, place_name: 'TPS 007', reporter: 'operator', on_behalf_of: 'Ketua KPPS', observed_at: TPS_AT, received_at: TPS_AT,
  content: { kind: 'incident', category: 'bencana', severity: 'kritis', occurrence: 'sedang', text: 'Air setinggi lutut, kotak suara dipindah ke lantai dua.' },
}

/** Whoever looks at it. */
const SESSION: Session = {
  token: null, id: 1, expires_at: TPS_AT, idle_minutes: null, seats: [], factors: ['password'], must_enrol: null, stepped_up_until: null,
  account: { id: 1, username: 'siti', full_name: 'Siti Rahmawati', institution: 'lain', party: null, kind: 'person', disabled_at: null },
  seat: { id: 1, role: 'supervisor', regions: [CODE], operation: OPERATION, cleared: false, starts_at: TPS_AT, ends_at: null },
}

export type Sampled = Standing | 'polled' | 'waiting' | 'failed'

/** The konsol of that region, in one standing; nothing of it asks a server. */
export function sampleKonsol(preferences: Preferences, standing: Sampled): Konsol {
  const konsol = new Konsol(preferences)
  const rows = Object.entries(ROWS).map(([code, row]) => ({ code, version: 9, last_at: TPS_AT, counters: NAMES.map((name) => row[name] ?? 0) }))
  const sum = NAMES.map((_, slot) => rows.reduce((total, row) => total + (row.counters[slot] ?? 0), 0))
  const names = { [CODE]: 'Penjaringan', [`${CODE}.1001`]: 'Pejagalan', [`${CODE}.1002`]: 'Pluit' }
  konsol.session.session = SESSION
  konsol.session.operation = DETAIL
  konsol.route = { page: 'region', operation: OPERATION, code: CODE, filters: {} }
  konsol.names = Object.fromEntries(Object.entries(names).map(([code, name]) => [`${OPERATION}:${code}`, name]))
  const { watch } = konsol
  if (standing === 'failed') watch.problem = new Refusal(503, 'database-down', { type: '', title: '', status: 503, code: 'database-down' })
  if (standing === 'waiting' || standing === 'failed') return konsol
  watch.view = {
    topic: `${OPERATION}:${CODE}`, version: 9, layout: 1, at: TPS_AT, names, counters: NAMES,
    rows: new Map([{ code: CODE, version: 9, last_at: TPS_AT, counters: sum }, ...rows].map((row) => [row.code, row])),
  }
  watch.standing = standing === 'polled' ? 'tertinggal' : standing
  watch.isPolled = standing === 'polled'
  watch.age = { langsung: 800, tertinggal: 12_000, polled: 9_000, terputus: 190_000 }[standing]
  watch.asOf = TPS_AT
  return konsol
}

/** A wall that shows it. */
export function sampleWall(preferences: Preferences): Wall {
  const { session, watch } = sampleKonsol(preferences, 'langsung')
  const wall = new Wall(preferences)
  wall.session.operation = session.operation
  if (watch.view) wall.shown = { code: CODE, view: watch.view, asOf: TPS_AT, vouchedAt: performance.now() }
  wall.board.rows = [
    { category: 'bencana', severity: 'kritis', status: 'baru', place: INCIDENT.place, place_name: INCIDENT.place_name, region_name: 'Pejagalan', opened_at: TPS_AT },
    { category: 'logistik', severity: 'sedang', status: 'diterima', place: `${CODE}.1002.011`, place_name: 'TPS 011', region_name: 'Pluit', opened_at: '2024-11-27T05:02:00Z' },
  ]
  return wall
}
