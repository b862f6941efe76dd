/**
 * The arithmetic of a form, as the server does it (sql/functions/judge.sql, posko/reports/report.py): what it would refuse
 * blocks, with the reason; what it would flag, and what else does not add up, is a warning, and may be sent.
 */

import { hasNik } from '../nik.ts'
import type { Content, Sexes } from '../records.ts'

export const NUMBER_LIMIT = 2000
export const TEXT_LIMIT = 2000
export const REASON_LIMIT = 500
export const NAME_LIMIT = 120
export const PEOPLE_LIMIT = 1_000_000
export const PERSONS_LIMIT = 10
export const PHOTOS_LIMIT = 4

const HOUR_MS = 3_600_000

/** One thing that is wrong: `key` of the catalogue with its blanks, and the field that it is about. */
export interface Check {
  key: string
  given?: Record<string, string | number>
  field?: string
  isBlocking: boolean
  /** The flag that whoever supervises sees on the report (sql/functions/judge.sql), where the operation has it. */
  flag?: string
}

/** What is known of the TPS beside the form. */
export interface Beside {
  dpt: Sexes | null
  /** The DPT of the TPS is an estimate. */
  isEstimated: boolean
  /** Voters by the last turnout. */
  users: number | null
  /** Ballots used, by the last word on this contest. */
  used: number | null
  hasGubernur: boolean
  /** Milliseconds since 1970 from when on the law lets count; null: unknown. */
  countsFrom: number | null
  /** Milliseconds since 1970 at which the TPS opened; null: nobody has said so. */
  opened: number | null
  observed: number
}

type Turnout = Extract<Content, { kind: 'turnout' }>
type Ballots = Extract<Content, { kind: 'ballots' }>
type Count = Extract<Content, { kind: 'count' }>

export const warn = (key: string, given: Record<string, string | number> = {}): Check => ({ key, given, isBlocking: false })
export const flag = (kind: string, given: Record<string, string | number> = {}, key = `lapor.check.${kind}`): Check => ({ ...warn(key, given), flag: kind })
const block = (key: string, field: string, given: Record<string, string | number> = {}): Check => ({ key, given, field, isBlocking: true })
const both = ({ l, p }: Sexes): number => l + p

/** What somebody typed into a number field; null: no number that a report may bear. */
export function numberOf(typed: string, limit = NUMBER_LIMIT): number | null {
  const said = typed.trim()
  return /^\d+$/.test(said) && Number(said) <= limit ? Number(said) : null
}

/** What stands in the way of sending numbers: those that are missing or beyond the limit. */
export function numberChecks(fields: Record<string, string>, limit = NUMBER_LIMIT): Check[] {
  return Object.entries(fields).flatMap(([field, typed]) => {
    if (numberOf(typed, limit) !== null) return []
    return [block(typed.trim() === '' ? 'lapor.check.missing' : 'lapor.check.number', field, { limit })]
  })
}

/** What stands in the way of sending words. */
export function textChecks(field: string, text: string, least: number, most: number): Check[] {
  const length = text.trim().length
  if (length === 0 && least > 0) return [block('lapor.check.missing', field)]
  if (length < least) return [block('lapor.check.short', field, { least })]
  if (text.trim().length > most) return [block('lapor.check.long', field, { most })]
  if (hasNik(text)) return [block('lapor.check.nik', field)]
  return []
}

export function usersOf({ dpt, dptb, dpk }: Pick<Turnout, 'dpt' | 'dptb' | 'dpk'>): number {
  return both(dpt) + both(dptb) + both(dpk)
}

/** As many voters as the law expects at most: the DPT and 2.5 per cent. */
export function mostOf(dpt: Sexes): number {
  return Math.ceil((both(dpt) * 1025) / 1000)
}

export function turnoutChecks(said: Turnout, known: Beside): Check[] {
  const users = usersOf(said)
  const found: Check[] = []
  const isOver = known.dpt !== null && users > mostOf(known.dpt)
  // The whole says it already, and of an estimate nothing is flagged by men and women.
  const ofSex = (key: string, given: Record<string, number>): Check => (isOver || known.isEstimated ? warn(key, given) : flag('dpt_over', given, key))
  if (known.dpt && isOver) found.push(flag('turnout_over', { users, most: mostOf(known.dpt), dpt: both(known.dpt) }))
  if (known.dpt && said.dpt.l > known.dpt.l) found.push(ofSex('lapor.check.dpt_l', { said: said.dpt.l, dpt: known.dpt.l }))
  if (known.dpt && said.dpt.p > known.dpt.p) found.push(ofSex('lapor.check.dpt_p', { said: said.dpt.p, dpt: known.dpt.p }))
  if (known.users !== null && users < known.users) found.push(flag('falling', { users, before: known.users }))
  const disabled = said.disabled ?? { l: 0, p: 0 }
  if (both(disabled) > users) found.push(flag('disabled_over', { disabled: both(disabled), users }))
  if (users > 0 && known.opened !== null && known.observed < known.opened) found.push(flag('before_open'))
  return found
}

export function ballotsChecks(said: Ballots, known: Beside): Check[] {
  const sum = said.used + said.spoilt + said.unused
  const found: Check[] = []
  if (sum !== said.received) found.push(warn('lapor.check.ballots_sum', { sum, received: said.received, used: said.used, spoilt: said.spoilt, unused: said.unused }))
  if (known.users !== null && said.used > known.users) found.push(warn('lapor.check.used_users', { used: said.used, users: known.users }))
  return found
}

export function countChecks(said: Count, known: Beside): Check[] {
  const sum = Object.values(said.votes).reduce((total, votes) => total + votes, 0)
  const all = said.valid + said.invalid
  const found: Check[] = []
  if (sum !== said.valid) found.push(flag('votes_sum', { sum, valid: said.valid }))
  if (known.used !== null && all !== known.used) found.push(warn('lapor.check.votes_used', { all, valid: said.valid, invalid: said.invalid, used: known.used }))
  // Whoever moved in from elsewhere votes in the wider contest only: the narrower one may count fewer than the users.
  const mayBeFewer = said.contest !== 'gubernur' && known.hasGubernur
  if (known.users !== null && (all > known.users || (all < known.users && !mayBeFewer))) found.push(flag('votes_users', { all, users: known.users }))
  if (known.countsFrom !== null && known.observed < known.countsFrom) found.push(flag('early'))
  return found
}

/** When counting may begin at a place: 13:00 of the day on which it votes. */
export function countsFromOf(votingDay: string, offset: number): number {
  return Date.parse(`${votingDay}T00:00:00Z`) + (13 - offset) * HOUR_MS
}

export const isBlocked = (checks: readonly Check[]): boolean => checks.some(({ isBlocking }) => isBlocking)
