import type { Component } from 'svelte'
import type { Filters, View } from '../routes.ts'

export interface ViewProps {
  code: string
  subject: string | null
  filters: Filters
}

/** The views of a region, each loaded when it is first looked at: the table, which most look at first, does not wait for them. */
export const LOAD: Record<View, () => Promise<{ default: Component<ViewProps> }>> = {
  petak: () => import('./grid/Grid.svelte'),
  kurva: () => import('./curves/Curves.svelte'),
  kejadian: () => import('./board/Board.svelte'),
  alarm: () => import('./alarms/Alarms.svelte'),
  arahan: () => import('./directives/Directives.svelte'),
  piket: () => import('./duty/Duty.svelte'),
}
