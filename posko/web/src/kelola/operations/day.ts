/** The plan of a day as a picture: one strip per day, its milestones as bars from the planned hour to the end of the grace. */

import type { Milestone } from '../../records.ts'

export interface Bar {
  code: string
  planned: string
  /** Where it begins and how long it is, as shares of its strip; a moment without grace is 0 long. */
  from: number
  length: number
  /** The grace goes on after the day. */
  isCut: boolean
}

export interface Strip {
  day: number
  bars: Bar[]
  /** Whole hours on the axis and where they stand, as shares of the strip. */
  ticks: { hour: number; at: number }[]
}

const STEPS = [1, 2, 3, 4, 6]
const MOST_TICKS = 7

export function stripsOf(milestones: readonly Milestone[]): Strip[] {
  const days = [...new Set(milestones.map(({ day }) => day))].sort((a, b) => a - b)
  return days.map((day) => stripOf(day, milestones.filter((milestone) => milestone.day === day)))
}

function stripOf(day: number, milestones: readonly Milestone[]): Strip {
  const spans = milestones.map(({ code, planned, grace_minutes }) => ({ code, planned: planned.slice(0, 5), from: minutesOf(planned), grace_minutes }))
  spans.sort((a, b) => a.from - b.from)
  const first = Math.floor(Math.min(...spans.map(({ from }) => from)) / 60)
  const last = Math.min(24, Math.max(first + 2, Math.ceil(Math.max(...spans.map(({ from, grace_minutes }) => from + grace_minutes)) / 60)))
  const begin = Math.min(first, last - 2)
  const share = (minutes: number): number => (minutes - begin * 60) / ((last - begin) * 60)
  const step = STEPS.find((hours) => (last - begin) / hours < MOST_TICKS) ?? 6
  const hours = Array.from({ length: last - begin + 1 }, (_, index) => begin + index).filter((hour) => hour % step === 0)
  return {
    day,
    bars: spans.map(({ code, planned, from, grace_minutes }) => {
      const end = Math.min(from + grace_minutes, 24 * 60)
      return { code, planned, from: share(from), length: share(end) - share(from), isCut: from + grace_minutes > 24 * 60 }
    }),
    ticks: hours.map((hour) => ({ hour, at: share(hour * 60) })),
  }
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}
