import type { OperationDetail } from '../../records.ts'
import type { Words } from '../../words.ts'
import { nameOfMilestone } from '../naming.ts'
import type { Alarm } from './alarm.ts'

/** What an alarm is, in words: `Belum lapor: Pemungutan dibuka`. */
export function titleOf(words: Words, operation: OperationDetail, alarm: Pick<Alarm, 'kind' | 'milestone'>): string {
  return words.say(`alarms.name.${alarm.kind}`, { what: alarm.milestone === null ? '' : nameOfMilestone(words, operation, alarm.milestone) })
}
