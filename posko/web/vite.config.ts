import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, mergeConfig, type UserConfig } from 'vite'
import { alone, documentOf, firstFile } from './alone.ts'
import { compressed } from './compressed.ts'
import { lean } from './lean.ts'
import { licences } from './licences.ts'
import { OLDEST } from './oldest.ts'
import { olderMedia } from './olderMedia.ts'
import { officersPage } from './officersPage.ts'

/** Between these people go to and fro. */
const DESK = ['akun', 'kelola', 'konsol']
const packages = new Set<string>()

/** How every page is built. */
const pages = (): UserConfig => ({
  root: import.meta.dirname,
  plugins: [lean(), olderMedia(), licences(packages), svelte({ compilerOptions: { runes: true } })],
  base: '/',
  build: {
    target: 'es2022',
    cssTarget: OLDEST,
    // Nothing inline: the pages run under a Content-Security-Policy of 'self' alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The documentation page is one foreign library; its size is not ours to split.
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      // No page is made of custom elements, but the runtime would bring what makes them.
      treeshake: { moduleSideEffects: (id) => !/node_modules\/svelte\//.test(id) },
    },
  },
})

export default defineConfig(
  mergeConfig(pages(), {
    plugins: [alone({ index: [], masuk: [], lapor: [officersPage()], dinding: [], docs: [], gaya: [] }, pages), compressed()],
    publicDir: 'public',
    build: {
      outDir: '../static',
      emptyOutDir: true,
      rolldownOptions: {
        output: { codeSplitting: firstFile('desk', 2) },
        input: Object.fromEntries(DESK.map((page) => [page, documentOf(page)])),
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
