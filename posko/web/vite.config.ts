import { svelte } from '@sveltejs/vite-plugin-svelte'
import { resolve } from 'node:path'
import { defineConfig, mergeConfig, type UserConfig } from 'vite'
import { CHUNKS } from './chunks.ts'
import { compressed } from './compressed.ts'
import { lean } from './lean.ts'
import { licences } from './licences.ts'
import { OLDEST } from './oldest.ts'
import { olderMedia } from './olderMedia.ts'
import { officersPage } from './officersPage.ts'
import { stylePage } from './stylePage.ts'

const page = (name: string): string => resolve(import.meta.dirname, name)

/** How every page is built. */
const pages = (): UserConfig => ({
  root: import.meta.dirname,
  plugins: [lean(), olderMedia(), svelte({ compilerOptions: { runes: true } })],
  base: '/',
  build: {
    target: 'es2022',
    cssTarget: OLDEST,
    // Nothing inline: the pages run under a Content-Security-Policy of 'self' alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // No page is made of custom elements, but the runtime would bring what makes them.
      treeshake: { moduleSideEffects: (id) => !/node_modules\/svelte\//.test(id) },
    },
  },
})

export default defineConfig(
  mergeConfig(pages(), {
    plugins: [licences(), officersPage(), stylePage(pages()), compressed()],
    publicDir: 'public',
    build: {
      outDir: '../static',
      emptyOutDir: true,
      // The documentation page is one foreign library; its size is not ours to split.
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        output: { codeSplitting: CHUNKS },
        input: {
          index: page('index.html'),
          masuk: page('masuk/index.html'),
          akun: page('akun/index.html'),
          kelola: page('kelola/index.html'),
          konsol: page('konsol/index.html'),
          lapor: page('lapor/index.html'),
          dinding: page('dinding/index.html'),
          docs: page('docs/index.html'),
        },
      },
    },
    server: {
      proxy: {
        '/v1/live': { target: 'ws://127.0.0.1:8081', ws: true },
        '/v1': 'http://127.0.0.1:8080',
        '/health': 'http://127.0.0.1:8080',
        '/openapi.json': 'http://127.0.0.1:8080',
      },
    },
  }),
)
