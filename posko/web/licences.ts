import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/**
 * Ships the licence and notice of every package whose code is inside the pages, as `licences.txt`. `folders`: of the packages, from
 * all builds that share it; the last one that ends writes them all.
 */
export function licences(folders: Set<string>): Plugin {
  return {
    name: 'posko-licences',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        for (const id of output.type === 'chunk' ? output.moduleIds : []) {
          const inside = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)
          if (inside?.[1]) folders.add(inside[1])
        }
      }
    },
    writeBundle: {
      // After the builds that another plugin begins here.
      order: 'post',
      sequential: true,
      handler({ dir = '' }) {
        writeFileSync(join(dir, 'licences.txt'), [...folders].sort().map((folder) => textOf(folder)).join('\n\n'))
      },
    },
  }
}

function textOf(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string; license: string }
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^(licen[cs]e|notice)/i.test(name)) : []
  const bodies = files.sort().map((name) => readFileSync(join(folder, name), 'utf8').trim())
  return [`${about.name} ${about.version} (${about.license})`, ...bodies].join('\n\n')
}
