import { ALARM_KINDS, type Counts } from '../counters.ts'

/** How a region stands, as far as it decides which is worse. */
export interface Trouble {
  code: string
  kritis: number
  tinggi: number
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
    alarms: counts.sum(ALARM_KINDS.map((kind) => `alarm.${kind}`)),
    behind,
    share: counts.tps > 0 ? behind / counts.tps : 0,
  }
}

/** The worst first, column by column as the wall shows them: the gravest incidents, silence, what is missing; equals by code. */
export function worstFirst(a: Trouble, b: Trouble): number {
  return (
    b.kritis - a.kritis ||
    b.tinggi - a.tinggi ||
    b.alarms - a.alarms ||
    b.share - a.share ||
    a.code.localeCompare(b.code)
  )
}
