import type { Milestone, OperationDetail } from './records.ts'
import type { Words } from './words.ts'

/** What an incident is about; below its main category as the operation calls it (learnCategories), else by its bare name. */
export function nameOfCategory(words: Words, category: string): string {
  const [main = '', own] = category.split('.')
  const name = words.has(`category.${main}`) ? words.say(`category.${main}`) : main.replaceAll('_', ' ')
  if (!own) return name
  return belowMain(name, words.has(`category.${category}`) ? words.say(`category.${category}`) : own.replaceAll('_', ' '))
}

/** `Disaster: Flood`, but not `Logistics: Logistics late`. */
export function belowMain(main: string, label: string): string {
  return label.toLowerCase().startsWith(main.toLowerCase()) ? label : `${main}: ${label}`
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
