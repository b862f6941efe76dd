import type { Component } from 'svelte'
import type { Preferences } from '../page/preferences.svelte.ts'
import type { Filters, View } from '../routes.ts'

export interface ViewProps {
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

/** Who listens on every view, with the words that are said then. */
export async function loadLookout(preferences: Preferences): Promise<Component> {
  const [{ default: component }, { VIEW_CATALOGUES }] = await Promise.all([import('./lookout/Lookout.svelte'), import('./viewWords.ts')])
  preferences.learn(VIEW_CATALOGUES)
  return component
}

/** A view with the words that it says. */
export async function load(view: View, preferences: Preferences): Promise<Component<ViewProps>> {
  const [{ default: component }, { VIEW_CATALOGUES }] = await Promise.all([LOAD[view](), import('./viewWords.ts')])
  preferences.learn(VIEW_CATALOGUES)
  return component
}
