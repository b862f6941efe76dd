import type { Component } from 'svelte'
import type { Preferences } from '../page/preferences.svelte.ts'
import type { Filters, View } from '../routes.ts'

export type ViewProps = {
  code: string
  subject: string | null
  filters: Filters
}

/** The views of a region, each loaded when it is first looked at: the table, which most look at first, does not wait for them. */
const LOAD: Record<View, () => Promise<{ default: Component<ViewProps> }>> = {
  petak: () => import('./grid/Grid.svelte'),
  kurva: () => import('./curves/Curves.svelte'),
  kejadian: () => import('./board/Board.svelte'),
  alarm: () => import('./alarms/Alarms.svelte'),
  arahan: () => import('./directives/Directives.svelte'),
  piket: () => import('./duty/Duty.svelte'),
}

/** What lies behind a number: loaded when a number is opened, and ahead of that once the page rests. */
export const BEHIND = {
  stations: () => import('./TpsList.svelte'),
  incidents: () => import('./IncidentList.svelte'),
  flags: () => import('./FlagList.svelte'),
  station: () => import('./Station.svelte'),
}

/** Has them here before somebody opens a number without a network. */
export function fetchBehind(): void {
  // Whoever opens one asks for it again, and is told.
  for (const fetch of Object.values(BEHIND)) fetch().catch(() => undefined)
}

/** A part of the konsol that is loaded when it is wanted, with the words that it says. */
async function withWords<Props extends Record<string, unknown>>(part: Promise<{ default: Component<Props> }>, preferences: Preferences): Promise<Component<Props>> {
  const [{ default: component }, { VIEW_CATALOGUES }] = await Promise.all([part, import('./viewWords.ts')])
  preferences.learn(VIEW_CATALOGUES)
  return component
}

/** A view with the words that it says. */
export const load = (view: View, preferences: Preferences) => withWords(LOAD[view](), preferences)

/** Who listens on every view. */
export const loadLookout = (preferences: Preferences) => withWords(import('./lookout/Lookout.svelte'), preferences)

/** The photos of a report in a timeline. */
export const loadPhotos = (preferences: Preferences) => withWords(import('./ReportPhotos.svelte'), preferences)

/** Incidents of a TPS and directives to it. */
export const loadMatters = (preferences: Preferences) => withWords(import('./Matters.svelte'), preferences)

/** A flag with its report, and settling it. */
export const loadFlag = (preferences: Preferences) => withWords(import('./FlagDialog.svelte'), preferences)
