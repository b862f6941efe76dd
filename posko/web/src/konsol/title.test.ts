import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { OperationDetail } from '../records.ts'
import { parse } from '../routes.ts'
import { Words } from '../words.ts'
import { titleOf } from './title.ts'

const read = (part: string): Record<string, string> => JSON.parse(readFileSync(`src/words/${part}/id.json`, 'utf8')) as Record<string, string>
const words = new Words('id', { ...read('konsol'), ...read('field'), ...read('shared') })
const operation = { milestones: [], contests: [] } as unknown as OperationDetail
const title = (hash: string, news = 0): string => titleOf(words, operation, parse(hash), 'KOTA KECIL', news)

test('a tab is told from its neighbours by how its title begins', () => {
  assert.equal(title('#/1/31.72'), 'Rekap · KOTA KECIL · posko')
  assert.equal(title('#/1/31.72/kejadian', 2), '(2) Kejadian · KOTA KECIL · posko')
  assert.equal(title('#/1/31.72/kejadian?cari=listrik'), 'Kejadian: listrik · KOTA KECIL · posko')
  assert.equal(title('#/1/31.72/tanda/semua'), 'Perlu diperiksa · KOTA KECIL · posko')
  assert.match(title('#/1/31.72/laporan-kejadian/kritis'), /: kritis · KOTA KECIL · posko$/)
  assert.match(title('#/1/31.72/tps/covered'), /^sudah melapor · KOTA KECIL · posko$/)
  assert.equal(title('#/1/31.72.01.1001.007'), 'KOTA KECIL · posko')
})
