import { limitIn, nameOfMilestone, plannedIn } from '../naming.ts'
import type { Milestone, OperationDetail } from '../records.ts'
import type { Words } from '../words.ts'

export { belowMain, limitIn, nameOfCategory, nameOfMilestone, plannedIn } from '../naming.ts'

/** The whole rule of a milestone: `rencana 07.00, terlambat lewat 07.30 (tenggang 30 menit)`. */
export function ruleOf(words: Words, milestone: Milestone): string {
  return words.say(milestone.grace_minutes === 0 ? 'milestone.rule.strict' : 'milestone.rule', { planned: plannedIn(words, milestone), limit: limitIn(words, milestone), n: milestone.grace_minutes })
}

/** The milestone that a counter is of. */
export function milestoneIn(operation: OperationDetail, counter: string): Milestone | null {
  const [head, code] = counter.split('.')
  return (head === 'milestone' && operation.milestones.find((known) => known.code === code)) || null
}

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
