import type { Words } from '../../words.ts'
import { daysBefore, hourOf, spell } from '../hour.ts'
import type { Task } from '../tasks.ts'

/** `07.03`, with the day where that is not today: `kemarin 18.00`. */
export function clockIn(words: Words, moment: number, now: number, offset: number): string {
  const hour = hourOf(words, moment, offset)
  const days = daysBefore(moment, now, offset)
  if (days === 0) return hour
  if (days === 1) return words.say('lapor.when.yesterday', { hour })
  if (days === -1) return words.say('lapor.when.tomorrow', { hour })
  return words.clock(new Date(moment).toISOString(), offset, 'day')
}

/** When this phone heard something, by its own clock: the hour alone where that was today. */
export function sinceIn(words: Words, moment: number, now: number): string {
  const [then, today] = [new Date(moment), new Date(now)]
  if (then.toDateString() !== today.toDateString()) return words.moment(then.toISOString())
  return spell(words, `${String(then.getHours()).padStart(2, '0')}:${String(then.getMinutes()).padStart(2, '0')}`)
}

/** How a milestone stands, in words and with its hour. */
export function hourIn(words: Words, task: Task, now: number, offset: number): string {
  const clock = (moment: number): string => clockIn(words, moment, now, offset)
  switch (task.when) {
    case 'selesai': {
      const done = task.at === null ? words.say('lapor.when.done') : words.say(task.isLate ? 'lapor.when.done.late' : 'lapor.when.done.at', { time: clock(task.at), limit: clock(task.due) })
      return task.isQueued ? `${done} · ${words.say('lapor.when.queued')}` : done
    }
    case 'tidak_bisa':
      return task.why ? words.say('report.not_possible', { reason: task.why }) : words.say('milestone.not_possible')
    case 'dikecualikan':
      return words.say('lapor.when.excused', { why: task.why ?? '' })
    case 'terlambat':
      return words.say('lapor.when.late', { planned: clock(task.planned), time: clock(task.due), age: words.age(now - task.due) })
    case 'sekarang':
      return words.say('lapor.when.now', { planned: clock(task.planned), time: clock(task.due) })
    case 'nanti':
      return words.say('lapor.when.now', { planned: clock(task.planned), time: clock(task.due) })
  }
}
