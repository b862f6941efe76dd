/** Runs the pages' tests in this one process, each file a suite: a process for each costs a second of a core, and there are fifty. */
import { readdirSync } from 'node:fs'
import { after, describe } from 'node:test'

const MADE = new URL('node_modules/.posko-test/', import.meta.url)
const files = readdirSync(MADE, { recursive: true }).filter((name) => name.endsWith('.test.js'))

describe('the pages', () => {
  // What only a timer waits for that keeps no process alive would be given up as never coming.
  const staying = setInterval(() => undefined, 60_000)
  after(() => staying.unref())

  for (const name of files.sort()) describe(name, () => import(new URL(name, MADE).href))
})
