import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SamplePhone } from '../phone.sample.ts'
import { BEGUN_KEPT_MS, BEGUN_LIMIT, BegunForms } from './begun.ts'
import { Database } from './database.ts'
import { openStores } from './stores.ts'
import { type Draft, StorageFull } from './item.ts'

const NOW = Date.now()
const DRAFT: Draft = { operation: 1, place: '31.72.01.1001.007', content: { kind: 'nihil' } as Draft['content'] }
const bytes = new Uint8Array([1, 2, 3]).buffer
const film = { type: 'image/jpeg', data: bytes }

function begun(key: string, over: { account?: number; begun_at?: number; films?: number | null } = {}) {
  return { key, account: 1, fields: { note: key }, films: null, begun_at: NOW, ...over }
}

function formsOn(phone: SamplePhone): BegunForms {
  const database = new Database(openStores)
  phone.hold(database)
  return new BegunForms(database)
}

test('what was begun comes back as it was, and not once it is emptied or old', async () => {
  const forms = formsOn(new SamplePhone())
  const voice = { type: 'audio/webm', data: bytes, seconds: 3 }
  await forms.keep(begun('kejadian', { films: 2 }), { photos: [film], voice })

  const back = await forms.recall('kejadian')
  assert.deepEqual([back?.fields, back?.isLess, back?.films?.voice?.seconds], [{ note: 'kejadian' }, false, 3])
  assert.deepEqual(new Uint8Array((await back?.films?.photos[0]?.arrayBuffer()) ?? new ArrayBuffer(0)), new Uint8Array(bytes))
  assert.equal(await forms.recall('kejadian', NOW + BEGUN_KEPT_MS + 1), null)
  await forms.keep(begun('kejadian'))
  assert.equal((await forms.recall('kejadian'))?.films, null, 'photos that were taken out again')
  await forms.forget('kejadian')
  assert.equal(await forms.recall('kejadian'), null)
})

test('what another began, what is old and what is over the limit goes; what is counted is the own', async () => {
  const forms = formsOn(new SamplePhone())
  await forms.keep(begun('orang lain', { account: 2 }))
  await forms.keep(begun('kemarin', { begun_at: NOW - BEGUN_KEPT_MS - 1 }))
  for (let n = 0; n <= BEGUN_LIMIT; n += 1) await forms.keep(begun(`isian ${n}`, { begun_at: NOW + n }))
  assert.equal(await forms.count(1, NOW), BEGUN_LIMIT + 1)

  await forms.sweep(1, NOW)

  assert.deepEqual([await forms.count(1, NOW), await forms.count(2, NOW)], [BEGUN_LIMIT, 0])
  assert.equal(await forms.recall('isian 0', NOW), null, 'the one that was begun first')
})

test('who signs in takes away what another began on this phone', async () => {
  const phone = new SamplePhone()
  const forms = formsOn(phone)
  await forms.keep(begun('orang lain', { account: 2 }))
  const { Outbox } = await import('./outbox.svelte.ts')
  const outbox = new Outbox()
  phone.hold(outbox.database)

  await outbox.belongTo({ account: 1, name: 'Ani' })

  for (let n = 0; n < 100 && (await forms.count(2)) > 0; n += 1) await new Promise((resolve) => setTimeout(resolve, 20).ref())
  assert.equal(await forms.count(2), 0)
})

test('a report takes its form away with it; on a full phone the photos of forms make room for it first', async () => {
  const phone = new SamplePhone()
  const forms = formsOn(phone)
  const { Outbox } = await import('./outbox.svelte.ts')
  const outbox = new Outbox()
  phone.hold(outbox.database)
  await outbox.belongTo({ account: 1, name: 'Ani' })
  await forms.keep(begun('kejadian', { films: 1 }), { photos: [film], voice: null })

  phone.isFull = true
  await assert.rejects(outbox.file({ ...DRAFT, begun: { key: 'kejadian', report: 'laporan' } }), StorageFull)
  const back = await forms.recall('kejadian')
  assert.deepEqual([back?.fields, back?.isLess], [{ note: 'kejadian' }, true])
  await assert.rejects(forms.keep(begun('nihil')))

  phone.isFull = false
  await outbox.file({ ...DRAFT, begun: { key: 'kejadian', report: 'laporan' } })
  assert.equal(await forms.recall('kejadian'), null)
})
