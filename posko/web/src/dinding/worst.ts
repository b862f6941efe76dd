import { ALARM_KINDS, type Counts } from '../counters.ts'

/** How a region stands, as far as it decides which is worse. */
export interface Trouble {
  code: string
  kritis: number
  tinggi: number
  overdue: number
  alarms: number
  /** TPS that have not said the milestone that most of them still owe, of those past their time. */
  behind: number
  /** Of all its TPS, 0 to 1. */
  share: number
}

export function troubleOf(code: string, counts: Counts, past: readonly string[]): Trouble {
  const behind = Math.max(0, ...past.map((milestone) => counts.milestone(milestone).unreported))
  return {
    code,
    kritis: counts.openCasesOf('kritis'),
    tinggi: counts.openCasesOf('tinggi'),
    overdue: counts.of('case.overdue'),
    alarms: counts.sum(ALARM_KINDS.map((kind) => `alarm.${kind}`)),
    behind,
    share: counts.tps > 0 ? behind / counts.tps : 0,
  }
}

/** The worst first: lives in danger, what nobody took in time, silence, then what is missing; equals by code. */
export function worstFirst(a: Trouble, b: Trouble): number {
  return (
    b.kritis - a.kritis ||
    b.overdue - a.overdue ||
    b.tinggi - a.tinggi ||
    b.alarms - a.alarms ||
    b.share - a.share ||
    a.code.localeCompare(b.code)
  )
}
