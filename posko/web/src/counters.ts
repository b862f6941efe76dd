/** Reading a vector of counters by name, and what each number's list is called. */

export const SEVERITIES = ['kritis', 'tinggi', 'sedang', 'rendah'] as const
export type Severity = (typeof SEVERITIES)[number]

export const OPEN_STATUSES = ['baru', 'diterima', 'ditangani', 'dibuka_kembali'] as const
export const ALARM_KINDS = ['kota_diam', 'belum_lapor', 'hadir', 'nihil', 'webhook'] as const

const FLAG = 'flag.'
const ONE_PER_PLACE = /^(tps|covered|uncovered|unreachable)$|^(milestone|custody)\.|\.tps$/

export const VOTER_LISTS = ['dpt', 'dptb', 'dpk'] as const
export const HOLDERS = ['kelurahan', 'tps', 'perjalanan', 'pps', 'ppk'] as const

/** Whether there is a number of this name: a counter, or one of those that are taken from others (`derivation` in posko/regions/store.py). */
export function hasCounter(slots: ReadonlyMap<string, number>, name: string): boolean {
  const [, milestone] = /^(milestone\.[^.]+)\.unreported$/.exec(name) ?? []
  return slots.has(name) || name === 'uncovered' || (milestone !== undefined && slots.has(`${milestone}.reached`))
}

export interface MilestoneCount {
  reached: number
  late: number
  not_possible: number
  unreachable: number
  unreported: number
}

/** The numbers of one region or TPS, by name; a name that the operation has not is 0. */
export class Counts {
  private readonly slots: ReadonlyMap<string, number>
  private readonly vector: readonly number[]

  constructor(slots: ReadonlyMap<string, number>, vector: readonly number[]) {
    this.slots = slots
    this.vector = vector
  }

  of(name: string): number {
    const slot = this.slots.get(name)
    return slot === undefined ? 0 : (this.vector[slot] ?? 0)
  }

  sum(names: readonly string[]): number {
    return names.reduce((total, name) => total + this.of(name), 0)
  }

  get tps(): number {
    return this.of('tps')
  }

  get uncovered(): number {
    return this.tps - this.of('covered')
  }

  get voters(): number {
    return this.of('voters_l') + this.of('voters_p')
  }

  get incidents(): number {
    return this.sum(SEVERITIES.map((severity) => `incident.${severity}`))
  }

  /** Incidents that somebody still has to do something about. */
  get openCases(): number {
    return this.sum(OPEN_STATUSES.flatMap((status) => SEVERITIES.map((severity) => `case.${status}.${severity}`)))
  }

  /** Of these, the ones of a severity. */
  openCasesOf(severity: Severity): number {
    return this.sum(OPEN_STATUSES.map((status) => `case.${status}.${severity}`))
  }

  /** Alarms that stand, of every kind. */
  get alarms(): number {
    return this.sum(ALARM_KINDS.map((kind) => `alarm.${kind}`))
  }

  get flags(): number {
    return this.flagKinds.reduce((total, kind) => total + this.of(`${FLAG}${kind}`), 0)
  }

  /** The kinds of flags that are raised here, in the order of the counters. */
  get flagKinds(): string[] {
    const names = [...this.slots.keys()].filter((name) => name.startsWith(FLAG) && this.of(name) > 0)
    return names.map((name) => name.slice(FLAG.length))
  }

  /** People who voted so far; the disabled are among them. */
  get voted(): number {
    return this.sum(VOTER_LISTS.flatMap((list) => [`turnout.${list}_l`, `turnout.${list}_p`]))
  }

  milestone(code: string): MilestoneCount {
    const part = (name: string): number => this.of(`milestone.${code}.${name}`)
    const [reached, not_possible, unreachable] = [part('reached'), part('not_possible'), part('unreachable')]
    return { reached, late: part('late'), not_possible, unreachable, unreported: this.tps - reached - not_possible - unreachable }
  }
}

export function slotsOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index]))
}

/** Whether a counter is at most 1 at each place, so that its sum is a number of places: not so votes, voters or nihil. */
export function isOnePerPlace(counter: string): boolean {
  return ONE_PER_PLACE.test(counter)
}

/** What was filed for the region itself: its counters without those of its children. */
export function ownOf(whole: readonly number[], children: readonly (readonly number[])[]): number[] {
  return whole.map((value, index) => value - children.reduce((sum, child) => sum + (child[index] ?? 0), 0))
}

/** A share in percent, with one decimal below 99.95 and never 100 before it is whole. */
export function percent(part: number, whole: number): number {
  if (whole <= 0) return 0
  const share = (part / whole) * 100
  return part < whole ? Math.min(99.9, Math.round(share * 10) / 10) : Math.round(share * 10) / 10
}
