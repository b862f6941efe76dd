/** What the curves of a region are drawn of, and said about: points in, charts and sentences out. */

import { percent, SEVERITIES } from '../../counters.ts'
import { plannedAt } from '../../plan.ts'
import type { Contest, Milestone, OperationDetail } from '../../records.ts'
import type { Words } from '../../words.ts'
import type { Band, Chart, Series } from './plot.ts'
import { firstAt, lineOf, type Points, rateOf, sumOf, windowOf } from './series.ts'

export interface Said {
  chart: Chart
  sentence: string
}

export interface Ground {
  points: Points
  operation: OperationDetail
  words: Words
  /** Hours east of UTC. */
  offset: number
  tps: number
  voters: number
  /** What is shown of time, in milliseconds since 1970. */
  from: number
  until: number
}

const MINUTE_MS = 60_000
export const VOTED = ['dpt', 'dptb', 'dpk'].flatMap((list) => [`turnout.${list}_l`, `turnout.${list}_p`])
const DASHES: Record<string, readonly number[]> = { kritis: [], tinggi: [8, 3], sedang: [4, 3], rendah: [2, 3] }

const HOUR = new Intl.DateTimeFormat('id-ID', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

function hour(ground: Ground, time: number | null): string {
  if (time === null) return ''
  return HOUR.format(new Date(time + ground.offset * 3_600_000))
}

function line(ground: Ground, key: string, label: string, values: readonly number[], tone: string, more: Partial<Series> = {}): Series {
  return { key, label, ...lineOf(ground.points, values), tone, ...more }
}

function gapsOf(ground: Ground): Band[] {
  return ground.points.gaps.map((gap) => ({ from: gap.from, until: gap.until, label: ground.words.say('curve.gap'), kind: 'gap' }))
}

function planOf(ground: Ground, milestone: Milestone): Band {
  const from = plannedAt(milestone, ground.operation.voting_day, ground.offset)
  return { from, until: from + milestone.grace_minutes * MINUTE_MS, label: ground.words.say('curve.plan', { n: milestone.grace_minutes }), kind: 'plan' }
}

/** How many TPS had reached a milestone, around the hour for which it was planned. */
export function milestoneChart(ground: Ground, milestone: Milestone): Said {
  const { points, words, tps } = ground
  const [reached, late] = ['reached', 'late'].map((part) => points.values.get(`milestone.${milestone.code}.${part}`) ?? []) as [readonly number[], readonly number[]]
  const plan = planOf(ground, milestone)
  const series = [line(ground, 'reached', words.say('milestone.reached'), reached, 'bar'), line(ground, 'late', words.say('milestone.late'), late, 'late-bar', { dash: [5, 3] })]
  const chart = { series, bands: [plan, ...gapsOf(ground)], ...windowOf(points, reached, plan.from, plan.until - plan.from), top: tps, isSmall: true }
  const [now, lateNow] = [reached.at(-1) ?? 0, late.at(-1) ?? 0]
  if (now === 0) return { chart, sentence: words.say('curve.milestone.none', { time: hour(ground, plan.from) }) }
  const half = firstAt(points, reached, Math.ceil(tps / 2))
  const most = firstAt(points, reached, Math.ceil(tps * 0.95))
  const parts = [
    words.say('curve.milestone', { reached: now, tps, share: words.share(percent(now, tps)) }),
    half === null ? '' : words.say('curve.half', { time: hour(ground, half) }),
    most === null ? '' : words.say('curve.most', { time: hour(ground, most) }),
    lateNow > 0 ? words.say('curve.late', { n: lateNow }) : '',
  ]
  return { chart, sentence: `${parts.filter(Boolean).join('; ')}.` }
}

/** How many people had voted, and how many of those on the DPT that is. */
export function turnoutChart(ground: Ground): Said {
  const { points, words, voters } = ground
  const voted = sumOf(points, VOTED)
  const now = voted.at(-1) ?? 0
  const series = [line(ground, 'voted', words.say('curve.voted'), voted, 'bar')]
  // Before the first a tenth of them is shown: of one voter four lines of the scale are 0 %.
  const top = now > 0 ? now : Math.max(1, voters / 10)
  const chart = { series, bands: gapsOf(ground), from: ground.from, until: ground.until, top, ...(voters > 0 ? { whole: voters } : {}) }
  if (now === 0) return { chart, sentence: words.say('curve.turnout.none') }
  const from = points.values.get('turnout.tps')?.at(-1) ?? 0
  return { chart, sentence: words.say('curve.turnout', { voted: now, voters, share: words.share(percent(now, voters)), n: from }) }
}

/** How many TPS had sent the count of each contest, against the hours planned for counting. */
export function countsChart(ground: Ground): Said {
  const { points, words, tps, operation } = ground
  const contests = [...new Map(operation.contests.map((contest: Contest) => [contest.kind, contest])).values()].filter(({ kind }) => points.values.has(`count.${kind}.tps`))
  const series = contests.map(({ kind }, index) =>
    line(ground, kind, words.say(`contest.${kind}`), points.values.get(`count.${kind}.tps`) ?? [], index === 0 ? 'bar' : 'blocked', index === 0 ? {} : { dash: [6, 3] }),
  )
  const [begun, done] = ['count_started', 'count_finished'].map((code) => operation.milestones.find((known) => known.code === code))
  const bands = gapsOf(ground)
  if (begun) {
    const [first, last] = [planOf(ground, begun), planOf(ground, done ?? begun)]
    bands.push({ from: first.from, until: last.until, label: words.say('curve.plan.count'), kind: 'plan' })
  }
  const ends = Math.max(ground.until, ...bands.filter((band) => band.kind === 'plan').map((band) => band.until))
  const chart = { series, bands, from: Math.min(ground.until, bands.find((band) => band.kind === 'plan')?.from ?? ground.from) - 60 * MINUTE_MS, until: ends, top: tps }
  const said = contests.map(({ kind }) => {
    const now = points.values.get(`count.${kind}.tps`)?.at(-1) ?? 0
    return words.say('curve.counts', { contest: words.say(`contest.${kind}`), n: now, tps, share: words.share(percent(now, tps)) })
  })
  return { chart, sentence: said.length > 0 ? `${said.join('; ')}.` : words.say('curve.counts.none') }
}

/** How many reports came per minute. */
export function rateChart(ground: Ground): Said & { every: number } {
  const { points, words } = ground
  const reports = points.values.get('reports') ?? []
  const rate = rateOf(points, reports, ground.from, ground.until)
  const series: Series[] = [{ key: 'rate', label: words.say('curve.rate.line'), x: rate.x, y: rate.y, tone: 'bar', isColumns: true }]
  const peak = rate.y.reduce((best, value, index) => (value > (rate.y[best] ?? 0) ? index : best), 0)
  const most = rate.y[peak] ?? 0
  const chart = { series, bands: gapsOf(ground), from: ground.from, until: ground.until, top: 1 }
  const said = { n: reports.at(-1) ?? 0, peak: decimal(words, most), time: hour(ground, rate.x[peak] ?? ground.from) }
  return { chart, every: rate.every, sentence: most > 0 ? words.say('curve.rate', said) : words.say('curve.rate.none') }
}

/** How many incident reports stand, by severity. */
export function incidentsChart(ground: Ground): Said {
  const { points, words } = ground
  const valuesOf = (severity: string): readonly number[] => points.values.get(`incident.${severity}`) ?? []
  const series = SEVERITIES.map((severity) => line(ground, severity, words.say(`severity.${severity}`), valuesOf(severity), severity, { dash: DASHES[severity] ?? [] }))
  const now = SEVERITIES.map((severity) => ({ severity, n: valuesOf(severity).at(-1) ?? 0 }))
  const total = now.reduce((sum, { n }) => sum + n, 0)
  const chart = { series, bands: gapsOf(ground), from: ground.from, until: ground.until, top: 4 }
  if (total === 0) return { chart, sentence: words.say('curve.incidents.none') }
  const parts = now.filter(({ n }) => n > 0).map(({ severity, n }) => `${words.number(n)} ${words.say(`severity.${severity}`)}`)
  return { chart, sentence: words.say('curve.incidents', { n: total, parts: parts.join(', ') }) }
}

/** A number of things per minute: with a decimal while it is small. */
export function decimal(words: Words, value: number): string {
  return value < 10 ? new Intl.NumberFormat(words.language === 'id' ? 'id-ID' : 'en-GB', { maximumFractionDigits: 1 }).format(value) : words.number(Math.round(value))
}
