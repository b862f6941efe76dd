import type { Counts } from './counters.ts'
import { offsetOf } from './places.ts'
import type { Milestone, OperationDetail } from './records.ts'

/** Whether a milestone's planned time has come: not yet, within its grace, or past it. */
export type Due = 'before' | 'now' | 'past'

/** When a milestone is planned, as milliseconds since 1970, at a place `offset` hours east of UTC. */
export function plannedAt(milestone: Milestone, votingDay: string, offset: number): number {
  const midnight = Date.parse(`${votingDay}T00:00:00Z`)
  const [hours = 0, minutes = 0] = milestone.planned.split(':').map(Number)
  return midnight + milestone.day * 86_400_000 + (hours * 60 + minutes - offset * 60) * 60_000
}

export function dueOf(milestone: Milestone, votingDay: string, offset: number, now: number): Due {
  const planned = plannedAt(milestone, votingDay, offset)
  if (now < planned) return 'before'
  return now <= planned + milestone.grace_minutes * 60_000 ? 'now' : 'past'
}

const AROUND_MS = 3 * 86_400_000

/** How due each milestone is. A drill may be played on any day: away from its own, what somebody has reached is due. */
export function duesOf(operation: OperationDetail, code: string, now: number, counts: Counts): Map<string, Due> {
  const offset = offsetOf(code)
  const isElsewhen = operation.mode === 'drill' && Math.abs(now - Date.parse(operation.voting_day)) > AROUND_MS
  const played = (milestone: Milestone): Due => (counts.milestone(milestone.code).reached > 0 ? 'past' : 'before')
  const due = (milestone: Milestone): Due => dueOf(milestone, operation.voting_day, offset, now)
  return new Map(operation.milestones.map((milestone) => [milestone.code, isElsewhen ? played(milestone) : due(milestone)]))
}
