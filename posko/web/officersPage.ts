import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build, type HtmlTagDescriptor, type Plugin, type Rolldown } from 'vite'
import { iconPng } from './icon.ts'

const DOCUMENT = 'lapor/index.html'
/** Sends the page's first question; before everything else of it. */
const ASKING = 'lapor/ask.js'
const SIZES = [180, 192, 512]
const iconName = (size: number): string => `lapor/icon-${size}.png`

/** What lets /lapor be installed and opened without a network: its icons, its manifest, its service worker. */
export function officersPage(): Plugin {
  return {
    name: 'posko-officers-page',
    apply: 'build',
    enforce: 'post',
    transformIndexHtml: { order: 'post', handler: (_html, { path }) => (path === `/${DOCUMENT}` ? HEAD : []) },
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: ASKING, source: await scriptOf('ask.ts') })
      for (const size of SIZES) this.emitFile({ type: 'asset', fileName: iconName(size), source: iconPng(size) })
      this.emitFile({ type: 'asset', fileName: 'lapor/manifest.webmanifest', source: JSON.stringify(MANIFEST, null, 2) })
    },
    async writeBundle(options, bundle) {
      const files = neededBy(bundle)
      const written = { POSKO_FILES: JSON.stringify(files), POSKO_BUILD: JSON.stringify(buildOf(files, bundle)) }
      writeFileSync(resolve(options.dir ?? '', 'lapor/sw.js'), await scriptOf('worker/sw.ts', written))
    },
  }
}

const HEAD: HtmlTagDescriptor[] = [
  { tag: 'script', attrs: { src: `/${ASKING}` }, injectTo: 'head-prepend' },
  { tag: 'link', attrs: { rel: 'manifest', href: '/lapor/manifest.webmanifest' }, injectTo: 'head' },
  { tag: 'link', attrs: { rel: 'apple-touch-icon', href: `/${iconName(180)}` }, injectTo: 'head' },
  { tag: 'meta', attrs: { name: 'theme-color', content: '#ffffff', media: '(prefers-color-scheme: light)' }, injectTo: 'head' },
  { tag: 'meta', attrs: { name: 'theme-color', content: '#141c23', media: '(prefers-color-scheme: dark)' }, injectTo: 'head' },
]

const MANIFEST = {
  id: '/lapor/',
  name: 'Lapor · posko',
  short_name: 'Lapor',
  description: 'Laporan petugas dari TPS, juga tanpa sinyal.',
  lang: 'id',
  dir: 'ltr',
  start_url: '/lapor/',
  // Signing in is at /masuk/: it is to open in the same window.
  scope: '/',
  display: 'standalone',
  background_color: '#f4f6f7',
  theme_color: '#0f4c5c',
  icons: SIZES.filter((size) => size !== 180).flatMap((size) =>
    ['any', 'maskable'].map((purpose) => ({ src: `/${iconName(size)}`, sizes: `${size}x${size}`, type: 'image/png', purpose })),
  ),
}

/** The files that the page may ask for, by their addresses: all that its entry imports, now or later, and what those name. */
function neededBy(bundle: Rolldown.OutputBundle): string[] {
  const entry = Object.values(bundle).find((output) => output.type === 'chunk' && output.isEntry && output.name === 'lapor')
  if (!entry) throw new Error('the bundle has no entry lapor')
  const found = new Set<string>()
  const take = (name: string): void => {
    const output = bundle[name]
    if (!output || found.has(name)) return
    found.add(name)
    const text = output.type === 'chunk' ? output.code : name.endsWith('.css') ? String(output.source) : ''
    for (const other of Object.keys(bundle)) if (other.startsWith('assets/') && text.includes(other.slice('assets/'.length))) take(other)
    if (output.type !== 'chunk') return
    for (const other of [...output.imports, ...output.dynamicImports, ...(output.viteMetadata?.importedCss ?? [])]) take(other)
  }
  take(entry.fileName)
  const fixed = [`/${ASKING}`, '/icon.svg', '/lapor/manifest.webmanifest', ...SIZES.map((size) => `/${iconName(size)}`)]
  return ['/lapor/', ...[...found].map((name) => `/${name}`).sort(), ...fixed]
}

/** A name for exactly these files: assets bear the digest of what they hold, the others are digested here. */
function buildOf(files: readonly string[], bundle: Rolldown.OutputBundle): string {
  const digest = createHash('sha256')
  for (const file of files) {
    const output = bundle[file === '/lapor/' ? DOCUMENT : file.slice(1)]
    digest.update(file)
    if (output?.type === 'asset') digest.update(output.source)
  }
  return digest.digest('hex').slice(0, 16)
}

/** A script by itself: browsers of five years ago run no modules in a worker, and what comes before the page waits for no other file. */
async function scriptOf(name: string, written: Record<string, string> = {}): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    define: written,
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: { input: resolve(import.meta.dirname, 'src/lapor', name), output: { format: 'iife' } },
    },
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) => ('output' in one ? one.output : []))
  const script = outputs.find((output) => output.type === 'chunk')
  if (script?.type !== 'chunk') throw new Error(`${name} was not built`)
  return script.code
}
