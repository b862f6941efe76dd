import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../../http.ts'
import { Case } from './case.svelte.ts'
import { incident } from './sample.ts'

const IDS = Array.from({ length: 30 }, (_, n) => `report-${n}`)

test('more reports that were asked for are not cut short again by a reading that began before', async () => {
  const waiting: (() => void)[] = []
  let isSlow = false
  const answer = (path: string): unknown => {
    if (path.endsWith('/entries')) return { rows: [], next: null }
    if (path.startsWith('/v1/directives')) return { rows: [], next: null }
    if (path.startsWith('/v1/reports/')) return { id: path.slice(12), content: { kind: 'nihil' } }
    if (path.endsWith('/preview') || path.endsWith('/duplicates')) return []
    return { incident: incident(1), requests: [], watchers: [], reports: IDS }
  }
  const get = async (path: string): Promise<unknown> => {
    if (isSlow && path.startsWith('/v1/reports/')) await new Promise<void>((go) => waiting.push(go))
    return answer(path)
  }
  const shown = new Case({ get } as unknown as Api, 'id-1', { around: (place) => place, onRead: () => undefined })
  isSlow = true
  const first = shown.read()
  while (waiting.length < 5) await new Promise((done) => setImmediate(done))
  isSlow = false

  await shown.moreReports()
  assert.equal(shown.reports.length, 25)
  for (const go of waiting) go()
  await first

  assert.equal(shown.reports.length, 25)
})

test('an answer from before what was done here does not undo it', async () => {
  const get = async (path: string): Promise<unknown> => {
    if (path.endsWith('/entries') || path.startsWith('/v1/directives')) return { rows: [], next: null }
    if (path.endsWith('/preview') || path.endsWith('/duplicates')) return []
    return { incident: { ...incident(1), version: 4, status: 'baru' }, requests: [], watchers: [], reports: [] }
  }
  const shown = new Case({ get } as unknown as Api, 'id-1', { around: (place) => place, onRead: () => undefined })
  const reading = shown.read()
  shown.incident = { ...incident(1), version: 5, status: 'diterima' }

  await reading

  assert.equal(shown.incident.status, 'diterima')
})
