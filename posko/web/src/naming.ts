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
  return onDay(words, milestone.day, hourIn(words, minutesOf(milestone)))
}

/** Past when it is late: what is planned, and its grace; with the day where that is another one. */
export function limitIn(words: Words, milestone: Milestone): string {
  const minutes = minutesOf(milestone) + milestone.grace_minutes
  const time = hourIn(words, minutes % DAY)
  return minutes < DAY ? time : onDay(words, milestone.day + Math.floor(minutes / DAY), time)
}

const DAY = 24 * 60

function minutesOf({ planned }: Milestone): number {
  const [hours = 0, minutes = 0] = planned.split(':').map(Number)
  return hours * 60 + minutes
}

function hourIn(words: Words, minutes: number): string {
  const two = (part: number): string => String(part).padStart(2, '0')
  return [two(Math.floor(minutes / 60)), two(minutes % 60)].join(words.language === 'id' ? '.' : ':')
}

function onDay(words: Words, day: number, time: string): string {
  return day === 0 ? time : `${words.say('milestone.day', { day: day > 0 ? `+${day}` : String(day) })} ${time}`
}
