import { resolve } from 'node:path'
import { build, type InlineConfig, mergeConfig, type Plugin, type Rolldown, type UserConfig } from 'vite'

/** A page's document, from the root of all pages. */
export const documentOf = (page: string): string => resolve(import.meta.dirname, page === 'index' ? '' : page, 'index.html')

/**
 * What pages open with, in one file: the builder by itself makes one for every set of pages, and of parts fetched later, that share
 * something; twenty for the sign-in. On one bar of signal a round of requests is half a second, and browsers ask six things of a
 * server at a time.
 */
export const firstFile = (name: string, least = 1): NonNullable<Rolldown.OutputOptions['codeSplitting']> => ({
  includeDependenciesRecursively: false,
  groups: [{ name, tags: ['$initial'], minShareCount: least }],
})

/** Chromium compiles all functions of what a page opens with while it comes, off the thread that draws: nearly all are called at once. */
const compiledAtOnce = (): Plugin => ({
  name: 'posko-compiled-at-once',
  generateBundle: {
    // In the first line or not at all: after whatever else is put before the script.
    order: 'post',
    handler(_options, bundle) {
      for (const output of Object.values(bundle)) if (output.type === 'chunk' && output.isEntry) output.code = `//# allFunctionsCalledOnLoad\n${output.code}`
    },
  },
})

/**
 * Pages that people open by themselves, each built by itself, with plugins of its own: a script and a style to wait for, without
 * what only other pages use of what they share.
 */
export function alone(own: Record<string, Plugin[]>, common: () => UserConfig): Plugin {
  return {
    name: 'posko-alone',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      for (const [page, plugins] of Object.entries(own)) {
        const here: InlineConfig = {
          configFile: false,
          logLevel: 'warn',
          publicDir: false,
          plugins: [...plugins, compiledAtOnce()],
          build: { outDir: dir, emptyOutDir: false, rolldownOptions: { input: { [page]: documentOf(page) }, output: { codeSplitting: firstFile(page) } } },
        }
        await build(mergeConfig(common(), here))
      }
    },
  }
}
