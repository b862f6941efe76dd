import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { nameOfCategory } from './naming.ts'
import { Words } from './words.ts'

const blanks = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '').sort()
const read = (part: string, language: string): Record<string, string> =>
  JSON.parse(readFileSync(`src/words/${part}/${language}.json`, 'utf8')) as Record<string, string>
const PARTS = readdirSync('src/words')
const id: Record<string, string> = Object.assign({}, ...PARTS.map((part) => read(part, 'id')))
const en: Record<string, string> = Object.assign({}, ...PARTS.map((part) => read(part, 'en')))

test('both languages say the same things about the same facts', () => {
  for (const part of PARTS) {
    const [indonesian, english] = [read(part, 'id'), read(part, 'en')]
    assert.deepEqual(Object.keys(english), Object.keys(indonesian), part)
    for (const [key, text] of Object.entries(indonesian)) assert.deepEqual(blanks(english[key] ?? ''), blanks(text), key)
  }
})

test('no key is in two parts', () => {
  assert.equal(PARTS.reduce((total, part) => total + Object.keys(read(part, 'id')).length, 0), Object.keys(id).length)
})

/** The sources that a page is made of: all, or what comes with its first file. */
function sourcesOf(file: string, isAll: boolean, known = new Set<string>()): Set<string> {
  if (known.has(file) || !/\.(ts|svelte)$/.test(file)) return known
  known.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(isAll ? /(?:from |import |import\()'(\.[^']+)'/g : /(?:from |import )'(\.[^']+)'/g)) if (path) sourcesOf(join(dirname(file), path), isAll, known)
  return known
}

/** The Indonesian words that these sources take out of the catalogue. */
const wordsIn = (sources: Set<string>): Record<string, string> =>
  Object.assign({}, ...[...sources].flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/words\/(\w+)\/id\.json/g)].map((found) => read(found[1] ?? '', 'id'))))

test('a page has the words that it says, when it says them', () => {
  const pages = readdirSync('src').filter((name) => existsSync(`src/${name}/words.ts`))
  assert.ok(pages.length > 3)
  for (const page of pages) {
    for (const isAll of [true, false]) {
      const sources = sourcesOf(`src/${page}/main.ts`, isAll)
      const known = wordsIn(sources)
      for (const file of sources) {
        const text = readFileSync(file, 'utf8')
        for (const [, key] of text.matchAll(/\bsay\('([^']+)'/g)) assert.ok(key && key in known, `${file} says ${key} on /${page}/`)
        for (const [, prefix] of text.matchAll(/\bsay\(`([^`$]+)\$/g)) {
          assert.ok(Object.keys(known).some((key) => key.startsWith(prefix ?? '')), `${file} says ${prefix}... on /${page}/`)
        }
      }
    }
  }
})

test('numbers, shares and clocks are written as the reader does', () => {
  const words = new Words('id', id)

  assert.equal(words.say('tile.covered.of', { n: 2386 }), 'dari 2.386 TPS')
  const english = new Words('en', en)
  assert.deepEqual([1, 2].map((n) => english.say('lapor.unread', { n })), ['1 unread directive', '2 unread directives'])
  assert.deepEqual([1, 2].map((n) => english.say('board.clear', { n })), ['Clear 1 filter', 'Clear 2 filters'])
  assert.equal(words.share(88.1), '88,1 %')
  assert.equal(words.clock('2024-11-27T00:03:01Z', 8).replaceAll('.', ':'), '08:03:01')
  // By the clock of whoever looks, which has a name.
  assert.match(words.moment('2024-11-27T00:03:01Z'), /\d\d[.:]\d\d [A-Z]+/)
  assert.equal(words.age(125_000), '2 mnt')
})

test('below a main category an incident is called as its operation calls it', () => {
  const learned = new Words('en', { ...en, 'category.bencana.banjir': 'Flood', 'category.logistik.rusak': 'Logistics damaged' })

  const names = ['bencana', 'bencana.banjir', 'logistik.rusak', 'bencana.abu_vulkanik'].map((category) => nameOfCategory(learned, category))
  assert.deepEqual(names, ['Disaster', 'Disaster: Flood', 'Logistics damaged', 'Disaster: abu vulkanik'])
})

test('every count of votes says that it is not official', () => {
  assert.equal(id['votes.label'], 'hitung internal, bukan hasil resmi')
  assert.match(en['votes.label'] ?? '', /hitung internal, bukan hasil resmi/)
})
