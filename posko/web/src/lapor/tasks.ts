/** What a TPS owes, in the order in which somebody there does it. */

import type { Content } from '../records.ts'
import type { Obligation } from './due.ts'

/** What was filed here and the server may not have told of yet: the last word of this device on one subject. */
export interface Filed {
  id: string
  observed_at: string
  content: Content
  /** Whether the server has it. */
  isAccepted: boolean
}

/** A report in the outbox, as far as it says what was filed. */
export interface Outgoing {
  id: string
  order: number
  standing: string
  report: { place: string; operation: number; observed_at: string; content: Content }
}

export type When = 'sekarang' | 'terlambat' | 'nanti' | 'selesai' | 'tidak_bisa' | 'dikecualikan'

export interface Task {
  code: string
  label_id: string
  label_en: string
  planned: number
  due: number
  when: When
  /** When it was observed, and whether that was past its grace. */
  at: number | null
  isLate: boolean
  /** Said here, not yet with the server. */
  isQueued: boolean
  why: string | null
}

/** What this device has said of a place and still holds: corrections are applied, what was withdrawn or refused is gone. */
export function filedOf(items: readonly Outgoing[], operation: number, place: string): Filed[] {
  const said = new Map<string, Filed>()
  for (const { id, standing, report } of [...items].sort((a, b) => a.order - b.order)) {
    if (standing === 'ditolak' || report.place !== place || report.operation !== operation) continue
    const { content, observed_at } = report
    const isAccepted = standing === 'diterima'
    if (content.kind !== 'correction') said.set(id, { id, observed_at, content, isAccepted })
    else {
      said.delete(content.of)
      if (content.replacement) said.set(id, { id, observed_at, content: content.replacement, isAccepted })
    }
  }
  return [...said.values()]
}

/** Every milestone of the place as it stands now: by the server's word, and by what waits here. */
export function tasksOf(obligations: readonly Obligation[], filed: readonly Filed[], now: number): Task[] {
  return obligations.map((owed) => taskOf(owed, wordOn(owed, filed), now))
}

/** A milestone's first reached word counts; that it will not be counts only where nobody said that it was. */
function wordOn(owed: Obligation, filed: readonly Filed[]): Filed | null {
  const words = filed.filter(({ content }) => content.kind === 'milestone' && content.milestone === owed.milestone)
  const reached = words.filter(({ content }) => content.kind === 'milestone' && content.possible !== false)
  const counting = reached.length > 0 ? reached : words
  return counting.sort((a, b) => Date.parse(a.observed_at) - Date.parse(b.observed_at))[0] ?? null
}

function taskOf(owed: Obligation, said: Filed | null, now: number): Task {
  const [planned, due] = [Date.parse(owed.planned_at), Date.parse(owed.due_at)]
  const task = { code: owed.milestone, label_id: owed.label_id, label_en: owed.label_en, planned, due, at: null, isLate: false, isQueued: false, why: null }
  const isSettled = owed.state === 'met' || owed.state === 'late' || owed.state === 'not_possible'
  const isNewer = said !== null && !(isSettled && said.isAccepted)
  if (said && isNewer && said.content.kind === 'milestone') {
    const at = Date.parse(said.observed_at)
    const isPossible = said.content.possible !== false
    return { ...task, when: isPossible ? 'selesai' : 'tidak_bisa', at, isLate: isPossible && at > due, isQueued: !said.isAccepted, why: said.content.reason ?? null }
  }
  const at = owed.met_at ? Date.parse(owed.met_at) : null
  if (owed.state === 'met' || owed.state === 'late') return { ...task, when: 'selesai', at, isLate: owed.state === 'late' }
  if (owed.state === 'not_possible') return { ...task, when: 'tidak_bisa', at }
  if (owed.state === 'excused') return { ...task, when: 'dikecualikan', why: owed.excused_why ?? null }
  return { ...task, when: now < planned ? 'nanti' : now <= due ? 'sekarang' : 'terlambat' }
}

const AHEAD_MS = 60 * 60_000
const LONG_MS = 60 * 60_000
const EARLY_MS = 15 * 60_000

/** Whether a milestone was hardly reached just now: its limit is long over, a later one is done, or it is planned for later. */
export function isUnlikelyNow(task: Task, tasks: readonly Task[], now: number): boolean {
  if (task.when === 'nanti') return task.planned - now > EARLY_MS
  const isOvertaken = tasks.slice(tasks.indexOf(task) + 1).some(({ when }) => when === 'selesai')
  return task.when === 'terlambat' && (isOvertaken || now - task.due > LONG_MS)
}

/**
 * The one thing to do now: what is due and within its grace; else the first that is late, for the day has an order;
 * else what comes within the hour. Null: nothing for now.
 */
export function nextOf(tasks: readonly Task[], now: number): Task | null {
  const first = (when: When): Task | undefined => tasks.find((task) => task.when === when)
  const soon = first('nanti')
  return first('sekarang') ?? first('terlambat') ?? (soon && soon.planned - now <= AHEAD_MS ? soon : null)
}
