import { resolve } from 'node:path'
import { build, type InlineConfig, mergeConfig, type Plugin, type UserConfig } from 'vite'

/** The style page, built by itself as the others are: parts that it shows of them would be split off the files that they open with. */
export function stylePage(others: UserConfig): Plugin {
  return {
    name: 'posko-style-page',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const input = { gaya: resolve(import.meta.dirname, 'gaya/index.html') }
      const own: InlineConfig = { configFile: false, logLevel: 'warn', publicDir: false, build: { outDir: dir, emptyOutDir: false, rolldownOptions: { input } } }
      await build(mergeConfig(others, own))
    },
  }
}
