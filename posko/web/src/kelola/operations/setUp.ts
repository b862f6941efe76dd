import type { Milestone, Operation, OperationDetail } from '../../records.ts'

/** An operation that this seat may set up, and what it is made of; `regions` is counted while it is a draft. */
export interface SetUp {
  operation: Operation
  root_name: string
  regions: number | null
  tps: number
  voters_l: number
  voters_p: number
}

export interface Preset {
  key: string
  root: string
  name: string
  tps: number
  voters: number | null
  /** Made by the command alone. */
  too_large: boolean
}

export interface PublishedRegion {
  code: string
  name: string
  /** 0 the nation ... 3 a kecamatan. */
  level: number
  regions: number
  tps: number
  below: { code: string; name: string }[]
}

export const STATES = ['draft', 'active', 'closed'] as const
export const TREE_DEPTH = 3

/** What stands between a draft and its activation, in order; `isStop`: it cannot be activated so. */
export interface Step {
  what: 'regions' | 'tps' | 'contests' | 'milestones' | 'day'
  standing: 'done' | 'doubt' | 'stop'
}

/** Whose pairs are published. */
const PUBLISHED_DAY = '2024-11-27'

/** `today` is a date, `2024-11-27`. */
export function stepsOf(setUp: SetUp, milestones: readonly Milestone[], ballot: Pick<OperationDetail, 'contests' | 'contests_published'>, today: string): Step[] {
  const { operation, tps } = setUp
  const isPast = operation.mode === 'live' && operation.voting_day < today
  const isBallotDoubtful = ballot.contests.length === 0 || (ballot.contests_published && operation.voting_day !== PUBLISHED_DAY)
  return [
    { what: 'regions', standing: 'done' },
    { what: 'tps', standing: tps === 0 ? 'stop' : operation.tps_estimated ? 'doubt' : 'done' },
    { what: 'contests', standing: isBallotDoubtful ? 'doubt' : 'done' },
    { what: 'milestones', standing: milestones.length > 0 ? 'done' : 'doubt' },
    { what: 'day', standing: isPast ? 'doubt' : 'done' },
  ]
}

/** `Rabu, 27 November 2024`, or without the day of the week. */
export function dateOf(language: string, day: string, weekday = false): string {
  const form = { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric', ...(weekday ? ({ weekday: 'long' } as const) : {}) } as const
  return new Intl.DateTimeFormat(language === 'id' ? 'id-ID' : 'en-GB', form).format(new Date(`${day}T00:00:00Z`))
}

/** A date so many days after another. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** `KOTA JAKARTA UTARA` as `Kota Jakarta Utara`; DKI and DI stay. */
export function calmed(name: string): string {
  return name.toLowerCase().replace(/\p{L}+/gu, (word) => (word === 'dki' || word === 'di' ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1)))
}
