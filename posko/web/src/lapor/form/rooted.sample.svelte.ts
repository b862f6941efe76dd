import { flushSync } from 'svelte'

/** Runs what a component would, for tests without one: its effects have run when this returns. */
export function rooted(work: () => void): void {
  $effect.root(work)
  flushSync()
}
