/** Who is who: the records of accounts, sessions, factors, desks, approvals and the log, as HTTP answers with them. */

export const ROLES = ['petugas', 'operator', 'supervisor', 'admin', 'auditor', 'wall', 'system'] as const
export type Role = (typeof ROLES)[number]
export type Factor = 'password' | 'totp' | 'passkey' | 'device' | 'key'

/** What an account may do: a role in regions (`ID` is the nation), in one operation or (null) in every one. */
export interface Seat {
  id: number
  role: Role
  regions: string[]
  operation: number | null
  cleared: boolean
  starts_at: string
  ends_at: string | null
}

export interface Account {
  id: number
  username: string
  full_name: string
  institution: string
  party: string | null
  kind: 'person' | 'system' | 'break_glass'
  disabled_at: string | null
}

export interface Session {
  /** Always null here: pages sign in by a cookie that no script reads. */
  token: null
  id: number
  expires_at: string
  idle_minutes: number | null
  account: Account
  /** None while a factor must be enrolled, or where the account has no seat now. */
  seat: Seat | null
  /** Every seat that the account may take now. */
  seats: Seat[]
  factors: Factor[]
  /** Until this factor is enrolled the session looks after its own account and nothing else. */
  must_enrol: 'totp' | 'passkey' | null
  stepped_up_until: string | null
}

export interface EnrolledDevice {
  device: number
  session: Session
}

export interface DeviceChallenge {
  challenge: string
  expires_at: string
}

/** What the browser's credential API is called with; `challenge` names it when its answer is sent back. */
export interface PasskeyChallenge<Options> {
  challenge: string
  options: Options
}

export interface RunningSession {
  id: number
  created_at: string
  seen_at: string
  expires_at: string
  kind: string
  factors: Factor[]
  device: string | null
  /** As the browser or program calls itself. */
  name: string | null
  address: string | null
  /** The one that asks; only in one's own list. */
  current?: boolean
}

export interface Factors {
  password: boolean
  totp: boolean
  passkeys: { id: number; name: string; created_at: string; last_used_at: string | null }[]
  devices: { id: number; name: string; enrolled_at: string; last_used_at: string | null }[]
}

export interface NewTotp {
  secret: string
  uri: string
  svg: string
}

export interface Person extends Account {
  seats: Seat[]
  has_totp: boolean
  passkeys: number
  devices: number
  last_seen_at: string | null
}

export interface NewSeat {
  role: Role
  regions: string[]
  operation?: number
  cleared?: boolean
  starts_at?: string
  ends_at?: string
}

export interface NewPerson {
  username: string
  full_name: string
  institution: string
  party?: string
  phone?: string
  seats: NewSeat[]
}

export interface MadePerson {
  account: Person
  /** Shown this once. */
  password: string | null
}

export interface Institution {
  code: string
  label_id: string
  label_en: string
  is_party: boolean
}

/** What a person scans, once, to make a device theirs. */
export interface EnrolmentSheet {
  username: string
  full_name: string
  regions: string[]
  code: string
  url: string
  svg: string
  expires_at: string
}

export interface Shift {
  id: number
  username: string
  full_name: string
  institution: string
  began_at: string
  ended_at: string | null
  note: string | null
  to: string | null
  handed_over_at: string | null
  acknowledged_at: string | null
  /** When they last tapped hadir. */
  present_at: string | null
  /** Without another tap until then the desk counts as left. */
  present_until: string
}

/** Kept; kept, but nobody has tapped hadir for too long; nobody on duty. */
export type DeskState = 'staffed' | 'absent' | 'vacant'

export interface DeskRow {
  code: string
  name: string
  level: number
  state: DeskState
  on_duty: Shift[]
}

/** Desks of one level, 0 the nation ... 5 a dusun. */
export interface DeskCount extends Record<DeskState, number> {
  level: number
  desks: number
}

export interface Staffing {
  counts: DeskCount[]
  rows: DeskRow[]
  next: string | null
}

export interface Desk {
  code: string
  operation: number
  on_duty: Shift[]
  handovers: Shift[]
  recent: Shift[]
}

export const APPROVAL_KINDS = ['void_report', 'void_incident', 'reopen_operation', 'clear_flags', 'export_log', 'excuse'] as const
export type ApprovalKind = (typeof APPROVAL_KINDS)[number]

export interface Approval {
  id: number
  kind: ApprovalKind
  operation: number
  region: string
  details: Record<string, unknown>
  reason: string
  requested_by: string
  requested_at: string
  decided_by: string | null
  decision: 'approved' | 'refused' | null
  decided_why: string | null
  decided_at: string | null
  expires_at: string
  used_at: string | null
  failed_at: string | null
  failed_why: string | null
}

export interface LogRow {
  id: number
  at: string
  username: string | null
  role: string | null
  action: string
  outcome: 'done' | 'refused'
  region: string | null
  operation: number | null
  subject: string | null
  detail: string | null
  address: string | null
  /** Above 1: equal refusals within a moment. */
  times: number
}

const SEE_ACCOUNTS: readonly Role[] = ['admin', 'supervisor', 'auditor']
const SEE_DESKS: readonly Role[] = ['operator', 'supervisor', 'admin', 'auditor']
const KEEP_DESKS: readonly Role[] = ['operator', 'supervisor']
const ASK_APPROVAL: readonly Role[] = ['operator', 'supervisor', 'admin', 'auditor']
const APPROVE: readonly Role[] = ['supervisor', 'admin']

/** What a role may open and do on the account page; the server has the last word. */
export const may = {
  seeAccounts: (role: Role | undefined): boolean => isOf(SEE_ACCOUNTS, role),
  keepAccounts: (role: Role | undefined): boolean => role === 'admin',
  setUp: (role: Role | undefined): boolean => role === 'admin',
  seeDesks: (role: Role | undefined): boolean => isOf(SEE_DESKS, role),
  keepDesks: (role: Role | undefined): boolean => isOf(KEEP_DESKS, role),
  seeApprovals: (role: Role | undefined): boolean => isOf(ASK_APPROVAL, role),
  approve: (role: Role | undefined): boolean => isOf(APPROVE, role),
}

function isOf(roles: readonly Role[], role: Role | undefined): boolean {
  return role !== undefined && roles.includes(role)
}
