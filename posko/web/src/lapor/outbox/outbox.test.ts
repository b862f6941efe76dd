import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'
import { SamplePhone } from '../phone.sample.ts'
import { type Draft, StorageFull } from './item.ts'

const DRAFT: Draft = { operation: 1, place: '31.72.01.1001.007', content: { kind: 'nihil' } as Draft['content'] }

let account = 0

/** Somebody's outbox on a phone of their own; `serve`: what a server answers to it. Those of other tests, whose time comes late, find no network. */
async function opened() {
  const phone = new SamplePhone()
  const own = String((account += 1))
  const serve = (answer: (path: string, init: RequestInit | undefined) => Response): void => {
    globalThis.fetch = async (path, init) => {
      if (new Headers(init?.headers).get('posko-account') !== own) throw new TypeError('no network')
      return answer(String(path), init)
    }
  }
  await import('./disk.ts') // it comes before the tests' short waits
  const { Outbox } = await import('./outbox.svelte.ts')
  const outbox = new Outbox()
  phone.hold(outbox.database)
  globalThis.fetch = () => Promise.reject(new TypeError('no network'))
  await outbox.belongTo({ account, name: 'Ani' })
  return { phone, outbox, serve }
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

test('where a full phone cannot note who is signed in now, nothing is filed in the name of who was before', async () => {
  const { phone, outbox } = await opened()
  await settled()
  phone.isFull = true
  await assert.rejects(outbox.belongTo({ account: 1000, name: 'Budi' }), StorageFull)
  phone.isFull = false
  await assert.rejects(outbox.file(DRAFT), StorageFull)
  assert.equal(outbox.items.length, 0)

  await outbox.belongTo({ account: 1000, name: 'Budi' })
  await outbox.file(DRAFT)
})

test('marks that nobody sees and that come with what is pasted are left out, for the server refuses them', async () => {
  const { outbox } = await opened()
  await outbox.file({ ...DRAFT, content: { kind: 'nihil', note: 'hubungi \u202a0812 3456\u202c,\nlalu 👮\u200d♀️' } })
  await outbox.say('perintah', '31', 'answer', { text: '\u2066selesai\u2069' })
  for (let n = 0; n < 50 && outbox.acts.length < 1; n += 1) await settled()

  assert.deepEqual(outbox.items[0]?.report.content, { kind: 'nihil', note: 'hubungi 0812 3456,\nlalu 👮\u200d♀️' })
  assert.equal(outbox.acts[0]?.body, '{"text":"selesai"}')
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
  const { outbox, serve } = await opened()
  await settled()
  const asked: string[] = []
  serve((path, init) => {
    asked.push(path)
    if (path.includes('/directives/rusak/')) return Response.json({ type: '', title: '', status: 500, code: 'posko-error' }, { status: 500 })
    if (path.includes('/directives/')) return Response.json({ state: 'dijawab' })
    if (path.includes('/photos/')) return Response.json({ sha256: 'foto' })
    const [report] = JSON.parse(String(init?.body)) as { id: string }[]
    return Response.json([{ id: report?.id, status: 201, outcome: 'accepted', version: 1, received_at: '2024-11-27T00:00:00Z' }])
  })
  const photo = { sha256: 'foto', type: 'image/jpeg', data: new ArrayBuffer(3) }
  await outbox.say('rusak', '31', 'answer', { text: 'satu' })
  await outbox.say('rusak', '31', 'refusal', { reason: 'sesudahnya' })
  await outbox.say('utuh', '31', 'answer', { text: 'dua' })
  await outbox.file({ ...DRAFT, content: { kind: 'custody', holder: 'tps', sealed: true }, photos: [photo] })

  for (let n = 0; n < 200 && outbox.items[0]?.photos[0]?.standing !== 'terkirim'; n += 1) await settled()

  assert.equal(outbox.items[0]?.photos[0]?.standing, 'terkirim')
  assert.deepEqual(outbox.acts.map(({ standing }) => standing), ['antre', 'antre', 'diterima'])
  assert.deepEqual(asked.filter((path) => path.includes('rusak')), ['/v1/directives/rusak/targets/31/answer'], 'once, and what comes after it waits for it')
  assert.equal(outbox.standing, 'menunggu')
  assert.ok((outbox.next_at ?? 0) > Date.now())
})

const BROKEN = { type: '', title: '', status: 500, code: 'posko-error' }
const noteOf = (content: unknown): string => (content as { note?: string }).note ?? (content as { reason: string }).reason
const notesIn = (init: RequestInit | undefined): string[] => (JSON.parse(String(init?.body)) as { content: unknown }[]).map(({ content }) => noteOf(content))

/** The server's word on what it was sent, where it takes it. */
function taken(init: RequestInit | undefined): Response {
  const reports = JSON.parse(String(init?.body)) as { id: string }[]
  return Response.json(reports.map(({ id }) => ({ id, status: 201, outcome: 'accepted', version: 1, received_at: '2024-11-27T00:00:00Z' })))
}

test('reports that the server fails at hold up neither what is said to directives nor photos nor what is filed later', async () => {
  const { outbox, serve } = await opened()
  await settled()
  const photo = { sha256: 'foto', type: 'image/jpeg', data: new ArrayBuffer(3) }
  const asked: string[] = []
  let isBroken = false
  serve((path, init) => {
    if (path.includes('/photos/') && !isBroken) return Response.json(BROKEN, { status: 500 })
    asked.push(path)
    if (path.includes('/directives/')) return Response.json({ state: 'dijawab' })
    if (path.includes('/photos/')) return Response.json({ sha256: 'foto' })
    return isBroken && notesIn(init).includes('rusak') ? Response.json(BROKEN, { status: 500 }) : taken(init)
  })
  await outbox.file({ ...DRAFT, content: { kind: 'custody', holder: 'tps', sealed: true }, photos: [photo] })
  for (let n = 0; n < 200 && outbox.items[0]?.standing !== 'diterima'; n += 1) await settled()

  isBroken = true
  await outbox.file({ ...DRAFT, content: { kind: 'nihil', note: 'rusak' } })
  for (let n = 0; n < 200 && outbox.items[0]?.tries !== 1; n += 1) await settled()
  await outbox.say('utuh', '31', 'answer', { text: 'dua' })
  await outbox.file({ ...DRAFT, content: { kind: 'nihil', note: 'sesudahnya' } })
  outbox.sendNow()
  for (let n = 0; n < 200 && outbox.items[2]?.photos[0]?.standing !== 'terkirim'; n += 1) await settled()

  assert.deepEqual(outbox.items.map(({ standing }) => standing), ['diterima', 'antre', 'diterima'])
  assert.deepEqual([outbox.acts[0]?.standing, outbox.items[2]?.photos[0]?.standing], ['diterima', 'terkirim'])
  assert.deepEqual([outbox.standing, outbox.items[1]?.refusal?.code], ['menunggu', 'posko-error'])
})

test('one report that breaks every batch with it ends up alone: the others are filed once, it stays queued with its reason', async () => {
  const { outbox, serve } = await opened()
  const filed: string[] = []
  const sizes: number[] = []
  const notes = Array.from({ length: 9 }, (_, n) => (n === 4 ? 'racun' : `laporan ${n}`))
  for (const note of notes) await outbox.file({ ...DRAFT, content: { kind: 'nihil', note } })
  for (let n = 0; n < 200 && outbox.items.length < notes.length; n += 1) await settled()
  await outbox.file({ ...DRAFT, content: { kind: 'correction', of: outbox.items[3]?.id ?? '', reason: 'bukan nihil' } })
  await settled()
  serve((_, init) => {
    const sent = notesIn(init)
    sizes.push(sent.length)
    if (sent.includes('racun')) return Response.json(BROKEN, { status: 500 })
    filed.push(...sent)
    return taken(init)
  })

  const left = (): string[] => outbox.items.filter(({ standing }) => standing !== 'diterima').map(({ report }) => noteOf(report.content))
  for (let n = 0; n < 200 && left().length > 1; n += 1) {
    outbox.sendNow()
    await settled()
  }

  assert.deepEqual([...filed].sort(), ['bukan nihil', ...notes.filter((note) => note !== 'racun')], 'each once')
  assert.ok(filed.indexOf('laporan 5') < filed.indexOf('bukan nihil'), 'no correction before what it corrects')
  assert.deepEqual([left(), outbox.items[5]?.standing, outbox.items[5]?.refusal?.code], [['racun'], 'antre', 'posko-error'])
  assert.deepEqual(sizes.slice(0, 2), [10, 10], 'what failed once may have failed for all')
  assert.ok(sizes.length < 12, String(sizes))

  sizes.length = 0
  await outbox.file({ ...DRAFT, content: { kind: 'nihil', note: 'sesudahnya' } })
  outbox.sendNow()
  for (let n = 0; n < 200 && left().length > 1; n += 1) await settled()
  assert.deepEqual([left(), new Set(sizes)], [['racun'], new Set([1])], 'from then on it takes no other with it')
})
