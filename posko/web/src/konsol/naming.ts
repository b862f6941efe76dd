import type { Milestone, OperationDetail } from '../records.ts'
import type { Words } from '../words.ts'

/** What a counter counts, in words. */
export function nameOfCounter(words: Words, operation: OperationDetail, counter: string): string {
  const [head = '', middle = '', tail = '', last = ''] = counter.split('.')
  if (head === 'milestone') return `${nameOfMilestone(words, operation, middle)}: ${words.say(`milestone.${tail}`)}`
  if (head === 'incident') return words.say(`severity.${middle}`)
  if (head === 'flag') return nameOfFlag(words, middle)
  if (head === 'alarm') return `${words.say('tile.alarms')}: ${words.say(`alarm.${middle}`)}`
  if (head === 'case' && tail) return `${words.say('counter.case')}: ${words.say(`status.${middle}`)}, ${words.say(`severity.${tail}`)}`
  if (head === 'case') return `${words.say('counter.case')}: ${words.say('tile.cases.overdue')}`
  if (head === 'directive') return `${words.say('counter.directive')}: ${words.say(`directive.${middle}`)}`
  if (head === 'custody') return middle === 'seal_broken' ? words.say('station.seal.broken') : words.say(`holder.${middle}`)
  if (head === 'count') return nameOfCount(words, operation, middle, tail, last)
  if (head === 'ballots') return `${words.say('counter.ballots')}, ${words.say(`contest.${middle}`)}: ${tail}`
  return words.has(`counter.${counter}`) ? words.say(`counter.${counter}`) : counter
}

/** What is doubtful; a kind that this page does not know yet reads as its bare name. */
export function nameOfFlag(words: Words, kind: string): string {
  return words.has(`flag.${kind}`) ? words.say(`flag.${kind}`) : kind.replaceAll('_', ' ')
}

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

function nameOfCount(words: Words, operation: OperationDetail, kind: string, what: string, number: string): string {
  const contest = operation.contests.find((known) => known.kind === kind)
  const paslon = contest?.paslon.find((known) => String(known.number) === number)
  const subject = what === 'tps' ? words.say('counter.count.tps') : what === 'paslon' ? `${number}. ${paslon?.name ?? ''}` : words.say(`votes.${what}`)
  return `${words.say(`contest.${kind}`)}: ${subject} (${words.say('votes.label')})`
}

/** What a report is about: `milestone.voting_open` as its label. */
export function nameOfSubject(words: Words, operation: OperationDetail, subject: string): string {
  const [head = '', middle = ''] = subject.split('.')
  if (head === 'milestone') return nameOfMilestone(words, operation, middle)
  const name = words.say(`report.${head}`)
  return middle ? `${name}: ${words.say(`contest.${middle}`)}` : name
}

/** When a milestone is planned: its clock time, with the day where that is not the voting day. */
export function plannedIn(words: Words, milestone: Milestone): string {
  const time = milestone.planned.slice(0, 5)
  if (milestone.day === 0) return time
  return `${words.say('milestone.day', { day: milestone.day > 0 ? `+${milestone.day}` : String(milestone.day) })} ${time}`
}
