import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Lapor } from '../lapor.svelte.ts'
import { BegunForms } from '../outbox/begun.ts'
import { Database, type Filmed } from '../outbox/database.ts'
import { openStores } from '../outbox/stores.ts'
import { FiledAlready } from '../outbox/item.ts'
import { SamplePhone } from '../phone.sample.ts'

const KEY = '1 2 31.72.01.1001.007 kejadian '
const photo = (byte: number): Blob => new Blob([new Uint8Array([byte])], { type: 'image/jpeg' })
const small = (byte: number): Filmed => ({ sha256: String(byte), type: 'image/jpeg', data: new Uint8Array([byte]).buffer })

/** A phone on which a form was begun with the photos 1 and 2, and that form opened again. */
async function returned() {
  const phone = new SamplePhone()
  const database = new Database(openStores)
  phone.hold(database)
  const forms = new BegunForms(database)
  const begun_at = Date.now()
  const items: { id: string }[] = []
  await forms.keep({ key: KEY, account: 1, fields: {}, films: 2, begun_at, report: 'laporan' }, { photos: [small(1), small(2)], voice: null })
  const { Begun } = await import('./begun.svelte.ts')
  const { rooted } = await import('./rooted.sample.svelte.ts')
  const lapor = { field: { session: { account: { id: 1 } } }, operation: { id: 2 }, code: '31.72.01.1001.007', outbox: { database, now: () => begun_at }, items }
  const open = () => new Begun(lapor as unknown as Lapor, 'kejadian ')
  const begun = open()
  await begun.recall()
  const { photos } = begun.takeFilms({ photos: [] as Blob[], voice: null })
  const shown = (photos: Blob[], made: (Filmed | null)[]): void => rooted(() => begun.followFilms(() => ({ photos, small: async () => made, voice: null })))
  const kept = async (): Promise<number[]> => {
    const blobs = (await forms.recall(KEY))?.films?.photos ?? []
    return Promise.all(blobs.map(async (blob) => new Uint8Array(await blob.arrayBuffer())[0] ?? 0))
  }
  return { phone, forms, begun, items, open, photos, shown, kept }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20).ref())

test('photos that came back stay kept while they are made small again, and with those that are added', async () => {
  const { begun, photos, shown, kept } = await returned()
  assert.equal(photos.length, 2)

  shown(photos, [null, null])
  begun.flush()
  await settled()
  assert.deepEqual(await kept(), [1, 2])

  shown([...photos, photo(3)], [null, small(20), small(3)])
  begun.flush()
  await settled()
  assert.deepEqual(await kept(), [1, 2, 3])

  shown(photos.slice(1), [null])
  begun.flush()
  await settled()
  assert.deepEqual(await kept(), [2])
})

test('words wait for no photo: a page that is put away while one is made small has them', async () => {
  const { forms, begun, photos } = await returned()
  const { rooted } = await import('./rooted.sample.svelte.ts')
  begun.take('text', '')
  rooted(() => {
    begun.follow(() => ({ text: 'kotak hanyut' }))
    begun.followFilms(() => ({ photos: [...photos, photo(3)], small: () => new Promise(() => undefined), voice: null }))
  })

  begun.flush()
  await settled()

  assert.deepEqual((await forms.recall(KEY))?.fields, { text: 'kotak hanyut' })
})

test('a photo that is not small yet is kept whole when the page is put away, and small once it is', async () => {
  const { forms, open, kept } = await returned()
  await forms.forget(KEY)
  const { rooted } = await import('./rooted.sample.svelte.ts')
  const begun = open()
  await begun.recall()
  begun.takeFilms({ photos: [], voice: null })
  const photos = [photo(3)]
  const shown = (made: Filmed | null): void => rooted(() => begun.followFilms(() => ({ photos, small: async () => [made], voice: null })))
  shown(null)
  begun.flush()
  await settled()
  assert.deepEqual(await kept(), [])

  begun.flush(true)
  await settled()
  assert.deepEqual(await kept(), [3])

  shown(small(30))
  begun.flush()
  await settled()
  assert.deepEqual(await kept(), [30])
})

test('photos that had to make room on a full phone are kept again, and where they cannot be it is said', async () => {
  const { phone, begun, photos, shown, kept } = await returned()
  shown(photos, [null, null])
  begun.flush()
  await settled()

  phone.lose('begunFilms', '')
  begun.flush()
  await settled()
  assert.deepEqual([await kept(), begun.isUnkept], [[1, 2], false])

  phone.lose('begunFilms', '')
  phone.isFull = true
  begun.flush()
  await settled()
  assert.deepEqual([await kept(), begun.isUnkept], [[], true])
})

test('a form that another tab has sent says so until it is emptied; the tab that sends it does not', async () => {
  const { begun, items } = await returned()
  items.push({ id: 'yang lain' })
  assert.equal(begun.isSent, false)

  items.push({ id: 'laporan' })
  assert.equal(begun.isSent, true)
  begun.end()
  assert.equal(begun.isSent, false)
  await begun.empty()
  assert.equal(begun.isSent, false)
})

test('two tabs in which the same form is begun are about one report: the second is told, and may send its own apart', async () => {
  const { phone, forms, open } = await returned()
  await forms.forget(KEY)
  const { rooted } = await import('./rooted.sample.svelte.ts')
  const { Outbox } = await import('../outbox/outbox.svelte.ts')
  const outbox = new Outbox()
  phone.hold(outbox.database)
  globalThis.fetch = () => Promise.reject(new TypeError('no network'))
  await outbox.belongTo({ account: 1, name: 'Ani' })
  const [first, second] = [open(), open()]
  for (const tab of [first, second]) {
    await tab.recall()
    tab.take('text', '')
  }
  assert.notEqual(first.report, second.report)
  rooted(() => first.follow(() => ({ text: 'kotak hanyut' })))
  first.flush()
  await settled()
  rooted(() => second.follow(() => ({ text: 'kotak hanyut dua' })))
  second.flush()
  await settled()
  assert.equal(second.report, first.report)
  const third = open()
  await third.recall()
  assert.deepEqual([third.report, third.take('text', '')], [first.report, 'kotak hanyut dua'])

  const draft = { operation: 2, place: '31.72.01.1001.007', content: { kind: 'nihil', note: 'satu' } } as const
  const { id } = await outbox.file({ ...draft, begun: first })
  assert.equal(id, first.report)
  await assert.rejects(outbox.file({ ...draft, content: { kind: 'nihil', note: 'dua' }, begun: second }), FiledAlready)
  assert.deepEqual(outbox.items.map(({ report }) => report.content), [draft.content])
  second.renew()
  await outbox.file({ ...draft, begun: second })
  // Another look may be under way, which sees it too.
  for (let n = 0; n < 50 && outbox.items.length < 2; n += 1) await settled()
  assert.equal(outbox.items.length, 2)
  await first.empty()
  assert.notEqual(first.report, id, 'an emptied form is another report')
})
