import type { Plugin } from 'vite'

/**
 * Switches of Svelte's runtime that are variables so that a builder can leave out what hangs on them; this one does so for
 * constants only. The pages are drawn by the browser alone, with runes alone: some 1.5 KB of each first visit.
 */
const SWITCHES: readonly [file: RegExp, ...replaced: [RegExp, string][]][] = [
  [/\/svelte\/src\/internal\/flags\/index\.js$/, [/export let (\w+) = false/g, 'export const $1 = false'], [/export function [^}]+}/g, '']],
  [/\/svelte\/src\/internal\/client\/dom\/hydration\.js$/, [/export let (hydrating) = false/, 'export const $1 = false'], [/\thydrating = value;/, '']],
]

export function lean(): Plugin {
  return {
    name: 'posko-lean',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      const [, ...replaced] = SWITCHES.find(([file]) => file.test(id)) ?? [null]
      for (const [what] of replaced) if (code.search(what) < 0) this.error(`Svelte's switches are not where they were: ${String(what)} in ${id}`)
      return replaced.length === 0 ? null : { code: replaced.reduce((text, [what, by]) => text.replace(what, by), code), map: null }
    },
  }
}
