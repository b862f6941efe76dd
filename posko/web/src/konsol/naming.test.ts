import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Milestone, OperationDetail } from '../records.ts'
import { Words } from '../words.ts'
import { limitIn, milestoneIn, plannedIn, ruleOf } from './naming.ts'

const read = (part: string, language: string): Record<string, string> => JSON.parse(readFileSync(`src/words/${part}/${language}.json`, 'utf8')) as Record<string, string>
const words = (language: 'id' | 'en'): Words => new Words(language, { ...read('konsol', language), ...read('field', language) })
const milestone = (planned: string, grace_minutes: number, day = 0): Milestone => ({ code: 'voting_open', position: 1, day, planned, grace_minutes, label_id: 'Dibuka', label_en: 'Opened' })

test('a milestone says past when it is late, and by what grace', () => {
  const id = words('id')

  assert.equal(ruleOf(id, milestone('07:00:00', 30)), 'rencana 07.00, terlambat lewat 07.30 (tenggang 30 menit)')
  assert.equal(ruleOf(words('en'), milestone('07:00:00', 30)), 'planned 07:00, late after 07:30 (grace 30 minutes)')
  assert.equal(ruleOf(id, milestone('13:00:00', 0)), 'rencana 13.00, terlambat sesudahnya (tanpa tenggang)')
  assert.deepEqual([plannedIn(id, milestone('18:00:00', 180, -1)), limitIn(id, milestone('18:00:00', 180, -1))], ['H-1 18.00', '21.00'])
  assert.deepEqual([23 * 60, 90].map((grace) => limitIn(id, milestone('23:00:00', grace))), ['H+1 22.00', 'H+1 00.30'])
  assert.equal(limitIn(id, milestone('23:00:00', 90, -1)), '00.30')
})

test('a counter of a milestone leads to its rule, others to none', () => {
  const operation = { milestones: [milestone('07:00:00', 30)] } as unknown as OperationDetail

  assert.equal(milestoneIn(operation, 'milestone.voting_open.overdue')?.grace_minutes, 30)
  assert.deepEqual(['milestone.gone.late', 'covered', 'directive.overdue'].map((counter) => milestoneIn(operation, counter)), [null, null, null])
})
