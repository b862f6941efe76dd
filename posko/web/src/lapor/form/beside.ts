/** What is known of the TPS beside a form about numbers. */

import { Counts, slotsOf } from '../../counters.ts'
import type { Content } from '../../records.ts'
import { type Beside, countsFromOf, usersOf } from '../checks.ts'
import type { Lapor } from '../lapor.svelte.ts'
import type { Filed } from '../tasks.ts'

/** Of the TPS that is worked on, for a form about a contest; numbers that a correction replaces do not count against it. */
export function besideOf({ station, operation, filed, tasks, contests, offset, now }: Lapor, contest: string | null, moment: number | null): Beside {
  const counts = station && operation ? new Counts(slotsOf(operation.counters), station.counters) : null
  const turnout = latestOf(filed, 'turnout')
  const ballots = contest ? latestOf(filed, 'ballots', contest) : null
  return {
    dpt: station ? { l: station.voters_l, p: station.voters_p } : null,
    isEstimated: operation?.tps_estimated ?? false,
    users: turnout ? usersOf(turnout) : counts && counts.of('turnout.tps') > 0 ? counts.voted : null,
    used: ballots ? ballots.used : counts && counts.of(`ballots.${contest}.tps`) > 0 ? counts.of(`ballots.${contest}.used`) : null,
    hasGubernur: contests.some(({ kind }) => kind === 'gubernur'),
    countsFrom: operation ? countsFromOf(operation.voting_day, offset) : null,
    opened: tasks.find(({ code, when }) => code === 'voting_open' && when === 'selesai')?.at ?? null,
    observed: moment ?? now,
  }
}

/** Somebody has said that the seal of the box is broken, and it was nobody here. */
export function isBrokenElsewhere({ station, operation, filed }: Lapor): boolean {
  if (!station || !operation || latestOf(filed, 'custody')) return false
  return new Counts(slotsOf(operation.counters), station.counters).of('custody.seal_broken') > 0
}

/** The last word on numbers: of a kind, and of a contest where it is about one. */
export function latestOf<K extends Content['kind']>(filed: readonly Filed[], kind: K, contest?: string): Extract<Content, { kind: K }> | null {
  const about = filed.filter(({ content }) => content.kind === kind && (contest === undefined || ('contest' in content && content.contest === contest)))
  const last = about.sort((a, b) => Date.parse(a.observed_at) - Date.parse(b.observed_at)).at(-1)
  return (last?.content as Extract<Content, { kind: K }> | undefined) ?? null
}
