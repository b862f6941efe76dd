import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Words } from '../../words.ts'
import { NobodyHere, StorageFull } from '../outbox/item.ts'
import { failureIn } from './failures.ts'

const read = (part: string): Record<string, string> => JSON.parse(readFileSync(`src/words/${part}/id.json`, 'utf8')) as Record<string, string>
const catalogue = { ...read('lapor'), ...read('formulir') }

test('why a report is not kept is said in words, and what nobody foresaw is in the console, too', (t) => {
  const complained = t.mock.method(console, 'error', () => undefined)
  const words = new Words('id', catalogue)
  const unforeseen = new TypeError('x is not a function')

  const said = [new StorageFull(), new NobodyHere(), unforeseen].map((error) => failureIn(words, error))

  assert.deepEqual(said, [catalogue['lapor.full'], catalogue['lapor.nobody'], catalogue['lapor.unforeseen']])
  assert.ok(said.every((text) => text && !text.startsWith('lapor.') && !text.includes('{')))
  assert.deepEqual(complained.mock.calls.map((call) => call.arguments), [[unforeseen]])
})
