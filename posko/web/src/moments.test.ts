import assert from 'node:assert/strict'
import { test } from 'node:test'
import { momentAt } from './moments.ts'
import { Words } from './words.ts'

test('a moment is told by the clock of its place, with the name of the zone, wherever it is read', () => {
  const words = new Words('id', {})
  const at = (code: string): string => momentAt(words, '2024-11-27T00:03:00Z', code).replaceAll('.', ':')

  assert.match(at('31.72.01'), /27.*07:03 WIB$/)
  assert.match(at('51.71'), /27.*08:03 WITA$/)
  assert.match(at('94.71'), /27.*09:03 WIT$/)
})

test('a moment of another year than that of the day says so', () => {
  const words = new Words('id', {})

  assert.match(momentAt(words, '2034-11-27T00:03:00Z', '31.72', '2024-11-27'), /27 Nov 2034/)
  assert.doesNotMatch(momentAt(words, '2024-11-27T00:03:00Z', '31.72', '2024-11-27'), /2024/)
})
