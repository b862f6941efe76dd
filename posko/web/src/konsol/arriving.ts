import type { Konsol } from './konsol.svelte.ts'

/**
 * For the heading of a place or a view: whoever came by a link that is gone now stands here, and hears where that is.
 * Not at the first page, which begins at its top; and never away from a control that is still there.
 */
export function arrivingAt(konsol: Konsol): (heading: HTMLElement) => void {
  return (heading) => {
    const isFirst = !konsol.hasArrived
    konsol.hasArrived = true
    const at = document.activeElement
    if (isFirst || (at !== null && at !== document.body && at.id !== 'isi')) return
    heading.focus({ preventScroll: true })
  }
}
