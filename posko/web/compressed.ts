import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

/** A smaller file gets hardly smaller. */
const LEAST_BYTES = 400
const TEXT = /\.(html|js|css|svg|json|txt|webmanifest)$/

/** Writes `x.br.js` and `x.gz.js` beside `x.js`, and so for every text of the pages, as small as they get: once here, not at every request. */
export function compressed(): Plugin {
  let folder = ''
  return {
    name: 'posko-compressed',
    apply: 'build',
    writeBundle(options) {
      folder = options.dir ?? folder
    },
    closeBundle: {
      // After whatever else writes files.
      order: 'post',
      sequential: true,
      async handler() {
        const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
        await Promise.all(files.filter((file) => TEXT.test(file) && statSync(file).size > LEAST_BYTES).map((file) => compress(file)))
      },
    },
  }
}

async function compress(file: string): Promise<void> {
  const text = readFileSync(file)
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: text.length }
  const beside = (encoding: string): string => `${file.slice(0, -extname(file).length)}.${encoding}${extname(file)}`
  writeFileSync(beside('br'), await promisify(brotliCompress)(text, { params }))
  writeFileSync(beside('gz'), await promisify(gzip)(text, { level: 9 }))
}
