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

export type ListProps = {
  code: string
  counter: string
  kind: string | null
}

/** What a number opens to, and a TPS: in no other words than the page's own. */
const LISTS: Record<'stations' | 'incidents' | 'flags' | 'station', () => Promise<{ default: Component<ListProps> }>> = {
  stations: () => import('./TpsList.svelte'),
  incidents: () => import('./IncidentList.svelte'),
  flags: () => import('./FlagList.svelte'),
  station: () => import('./Station.svelte'),
}

export async function loadList(page: keyof typeof LISTS): Promise<Component<ListProps>> {
  return (await LISTS[page]()).default
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

/** A flag with its report, and settling it. */
export const loadFlag = (preferences: Preferences) => withWords(import('./FlagDialog.svelte'), preferences)
