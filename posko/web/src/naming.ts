import type { Milestone, OperationDetail } from './records.ts'
import type { Words } from './words.ts'

/** What an incident is about; one of an operation's own kinds reads as its main category and its bare name. */
export function nameOfCategory(words: Words, category: string): string {
  const [main = '', own] = category.split('.')
  const name = words.has(`category.${main}`) ? words.say(`category.${main}`) : main.replaceAll('_', ' ')
  return own ? `${name}: ${own.replaceAll('_', ' ')}` : name
}

export function nameOfMilestone(words: Words, operation: OperationDetail, code: string): string {
  const milestone = operation.milestones.find((known) => known.code === code)
  return (words.language === 'id' ? milestone?.label_id : milestone?.label_en) ?? code
}

/** When a milestone is planned: its clock time, with the day where that is not the voting day. */
export function plannedIn(words: Words, milestone: Milestone): string {
  const hour = milestone.planned.slice(0, 5)
  const time = words.language === 'id' ? hour.replace(':', '.') : hour
  if (milestone.day === 0) return time
  return `${words.say('milestone.day', { day: milestone.day > 0 ? `+${milestone.day}` : String(milestone.day) })} ${time}`
}
