import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Words } from './words.ts'

const read = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(`src/words/${language}.json`, 'utf8')) as Record<string, string>
const [id, en] = [read('id'), read('en')]
const blanks = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '').sort()

test('both languages say the same things about the same facts', () => {
  assert.deepEqual(Object.keys(en), Object.keys(id))
  for (const [key, text] of Object.entries(id)) assert.deepEqual(blanks(en[key] ?? ''), blanks(text), key)
})

test('numbers, shares and clocks are written as the reader does', () => {
  const words = new Words('id', id)

  assert.equal(words.say('tile.covered.of', { n: 2386 }), 'dari 2.386 TPS')
  assert.equal(words.share(88.1), '88,1 %')
  assert.equal(words.clock('2024-11-27T00:03:01Z', 8).replaceAll('.', ':'), '08:03:01')
  assert.equal(words.age(125_000), '2 mnt')
})

test('every count of votes says that it is not official', () => {
  assert.equal(id['votes.label'], 'hitung internal, bukan hasil resmi')
  assert.match(en['votes.label'] ?? '', /hitung internal, bukan hasil resmi/)
})
