import type { OperationDetail } from '../records.ts'
import type { Words } from '../words.ts'

export type Named = Pick<OperationDetail, 'milestones'>

export function milestoneIn(words: Words, operation: Named | null, code: string): string {
  const milestone = operation?.milestones.find((known) => known.code === code)
  return (words.language === 'id' ? milestone?.label_id : milestone?.label_en) ?? code.replaceAll('_', ' ')
}

/** A milestone in a word or two, as a button says it. */
export function shortOf(words: Words, operation: Named | null, code: string): string {
  return words.has(`milestone.short.${code}`) ? words.say(`milestone.short.${code}`) : milestoneIn(words, operation, code)
}
