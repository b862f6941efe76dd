import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { categoryChanges, insertedUnder } from './kelola/rules/categories.ts'
import { differencesOf, faultIn, normal } from './kelola/rules/numbers.ts'
import { changesOf, draftsOf, faultAt, ladderOf, type Rule, shifted } from './kelola/rules/rules.ts'
import { ladderIn } from './kelola/rules/saying.ts'
import { Words } from './words.ts'

const read = (part: string): Record<string, string> => JSON.parse(readFileSync(`src/words/${part}/id.json`, 'utf8')) as Record<string, string>
const words = new Words('id', { ...read('shared'), ...read('common'), ...read('aturan') })
const rule = (name: string, more: Partial<Rule> = {}): Rule => ({
  name, about: 'incident', kinds: null, severities: null, stages: null, repeats: 1, repeat_after_min: 30, quiet_after_min: null, acknowledge_within_min: 5, resolve_within_min: 60,
  steps: [{ tier: 'kelurahan', after_s: 0, channels: ['console'], share: null }, { tier: 'kecamatan', after_s: 300, channels: ['console'], share: null }, { tier: 'kabkota', after_s: 600, channels: ['console'], share: 50 }],
  ...more,
})
const said = (drafts: ReturnType<typeof draftsOf>, before: Rule[]): string[] => changesOf(before, drafts).map(({ name, field }) => `${name} ${field}`)

test('a ladder says at which minute each rung is come to', () => {
  assert.deepEqual(ladderOf(rule('a')).map(({ at_min }) => at_min), [0, 5, 15])
  assert.equal(ladderIn(words, rule('a')), '0 mnt kelurahan/desa → 5 mnt kecamatan → 15 mnt kabupaten/kota (langsung bila 50 % belum)')
})

test('what was changed, added, removed and moved is told, and nothing else', () => {
  const before = [rule('a'), rule('b'), rule('c')]
  assert.deepEqual(said(draftsOf(before), before), [])
  const [a, b, c] = draftsOf(before)
  assert.ok(a && b && c)
  assert.deepEqual(said([{ was: null, rule: rule('baru') }, a, b, c], before), ['baru added'])
  assert.deepEqual(said([a, c], before), ['b removed'])
  assert.deepEqual(said([b, a, c], before), ['b moved', 'a moved'])
  b.rule.steps = b.rule.steps.map((step) => ({ ...step, after_s: step.after_s * 2 }))
  b.rule.repeats = 3
  b.rule.name = 'bb'
  assert.deepEqual(said([a, b, c], before), ['b name', 'b steps', 'b repeats'])
  assert.equal(before[1]?.repeats, 1)
})

test('a refusal is shown where it points', () => {
  assert.deepEqual(faultAt('$[2].steps[1].after_s'), { row: 2, field: 'steps[1].after_s' })
  assert.deepEqual([faultAt('$'), faultAt(undefined)], [null, null])
  assert.deepEqual(faultIn('$.weights[3].most'), { row: 3, field: 'most' })
})

test('rows change places with their neighbours, and not beyond the ends', () => {
  assert.deepEqual(shifted(['a', 'b', 'c'], 1, -1), ['b', 'a', 'c'])
  assert.deepEqual(shifted(['a', 'b'], 1, 1), ['a', 'b'])
})

test('numbers have a row for every code, and differ where they were changed', () => {
  const columns = [{ name: 'polri', min: 0, max: 9, absent: 0 }, { name: 'tps', min: 1, max: 9, absent: 1 }]
  const rows = normal({ version: 2, patterns: [{ grade: 'rawan', polri: 2, tps: 4 }] }, 'patterns', 'grade', ['rawan', 'khusus'], columns)
  assert.deepEqual(rows, [{ code: 'rawan', values: { polri: 2, tps: 4 } }, { code: 'khusus', values: { polri: 0, tps: 1 } }])
  assert.deepEqual(differencesOf(rows, [{ code: 'rawan', values: { polri: 3, tps: 4 } }, { code: 'khusus', values: { polri: 0, tps: 1 } }], columns), [{ code: 'rawan', name: 'polri', before: 2, after: 3 }])
})

test('a category that is new stands with those of its main one', () => {
  const before = ['hasil', 'hasil.foto', 'lain'].map((code) => ({ code, label_id: code, label_en: code }))
  const drafts = insertedUnder(before.map((category) => ({ ...category, was: category.code })), 'hasil')
  assert.deepEqual(drafts.map(({ code }) => code), ['hasil', 'hasil.foto', 'hasil.', 'lain'])
  assert.deepEqual(categoryChanges(before, drafts.filter(({ code }) => code !== 'lain')), [{ code: 'lain', before: 'lain / lain', after: null }, { code: 'hasil.', before: null, after: ' / ' }])
})
