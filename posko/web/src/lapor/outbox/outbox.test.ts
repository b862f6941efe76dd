import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'
import { SamplePhone } from '../phone.sample.ts'
import { type Draft, StorageFull } from './item.ts'

const DRAFT: Draft = { operation: 1, place: '31.72.01.1001.007', content: { kind: 'nihil' } as Draft['content'] }

/** Somebody's outbox on a phone of their own. */
async function opened() {
  const phone = new SamplePhone()
  const { Outbox } = await import('./outbox.svelte.ts')
  const outbox = new Outbox()
  phone.hold(outbox.database)
  globalThis.fetch = () => Promise.reject(new TypeError('no network'))
  await outbox.belongTo({ account: 1, name: 'Ani' })
  return { phone, outbox }
}

/** What is done while nobody waits for it is done. */
const settled = (): Promise<void> => later(30)

test('a full phone says so, and does not any more when what is filed is kept again', async () => {
  const { phone, outbox } = await opened()
  await settled()
  phone.isFull = true
  await assert.rejects(outbox.file(DRAFT), StorageFull)
  assert.equal(outbox.standing, 'penuh')

  phone.isFull = false
  await outbox.file(DRAFT)
  assert.notEqual(outbox.standing, 'penuh')
  assert.equal(outbox.items.length, 1)
})

test('the alarm of a full phone ends when somebody takes away what was refused, and makes room so', async () => {
  const { phone, outbox } = await opened()
  const { id } = await outbox.file(DRAFT)
  await settled()
  phone.isFull = true
  await assert.rejects(outbox.file(DRAFT), StorageFull)
  assert.equal(outbox.standing, 'penuh')

  phone.isFull = false
  await outbox.forget(id)
  assert.notEqual(outbox.standing, 'penuh')
})

test('what the server fails at for one directive holds up nothing else: not the other ones, not the photos', async () => {
  const { outbox } = await opened()
  await settled()
  const asked: string[] = []
  globalThis.fetch = async (path, init) => {
    asked.push(String(path))
    if (String(path).includes('/directives/rusak/')) return Response.json({ type: '', title: '', status: 500, code: 'posko-error' }, { status: 500 })
    if (String(path).includes('/directives/')) return Response.json({ state: 'dijawab' })
    if (String(path).includes('/photos/')) return Response.json({ sha256: 'foto' })
    const [report] = JSON.parse(String(init?.body)) as { id: string }[]
    return Response.json([{ id: report?.id, status: 201, outcome: 'accepted', version: 1, received_at: '2024-11-27T00:00:00Z' }])
  }
  const photo = { sha256: 'foto', type: 'image/jpeg', data: new ArrayBuffer(3) }
  await outbox.say('rusak', '31', 'answer', { text: 'satu' })
  await outbox.say('rusak', '31', 'refusal', { reason: 'sesudahnya' })
  await outbox.say('utuh', '31', 'answer', { text: 'dua' })
  await outbox.file({ ...DRAFT, content: { kind: 'custody', holder: 'tps', sealed: true }, photos: [photo] })

  for (let n = 0; n < 50 && outbox.items[0]?.photos[0]?.standing !== 'terkirim'; n += 1) await settled()

  assert.equal(outbox.items[0]?.photos[0]?.standing, 'terkirim')
  assert.deepEqual(outbox.acts.map(({ standing }) => standing), ['antre', 'antre', 'diterima'])
  assert.deepEqual(asked.filter((path) => path.includes('rusak')), ['/v1/directives/rusak/targets/31/answer'], 'once, and what comes after it waits for it')
  assert.equal(outbox.standing, 'menunggu')
  assert.ok((outbox.next_at ?? 0) > Date.now())
})
