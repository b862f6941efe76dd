import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Lapor } from '../lapor.svelte.ts'
import { BegunForms } from '../outbox/begun.ts'
import { Database, type Filmed } from '../outbox/database.ts'
import { SamplePhone } from '../phone.sample.ts'

const KEY = '1 2 31.72.01.1001.007 kejadian '
const photo = (byte: number): Blob => new Blob([new Uint8Array([byte])], { type: 'image/jpeg' })
const small = (byte: number): Filmed => ({ sha256: String(byte), type: 'image/jpeg', data: new Uint8Array([byte]).buffer })

/** A phone on which a form was begun with the photos 1 and 2, and that form opened again. */
async function returned() {
  const phone = new SamplePhone()
  const database = new Database()
  phone.hold(database)
  const forms = new BegunForms(database)
  const begun_at = Date.now()
  const items: { begun_at: number }[] = []
  await forms.keep({ key: KEY, account: 1, fields: {}, films: 2, begun_at }, { photos: [small(1), small(2)], voice: null })
  const { Begun } = await import('./begun.svelte.ts')
  const { rooted } = await import('./rooted.sample.svelte.ts')
  const lapor = { field: { session: { account: { id: 1 } } }, operation: { id: 2 }, code: '31.72.01.1001.007', outbox: { database }, items }
  const begun = new Begun(lapor as unknown as Lapor, 'kejadian ')
  await begun.recall()
  const { photos } = begun.takeFilms({ photos: [] as Blob[], voice: null })
  const shown = (photos: Blob[], made: (Filmed | null)[]): void => rooted(() => begun.followFilms(() => ({ photos, small: async () => made, voice: null })))
  const kept = async (): Promise<number[]> => {
    const blobs = (await forms.recall(KEY))?.films?.photos ?? []
    return Promise.all(blobs.map(async (blob) => new Uint8Array(await blob.arrayBuffer())[0] ?? 0))
  }
  return { phone, forms, begun, begun_at, items, photos, shown, kept }
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
  const { begun, begun_at, items } = await returned()
  items.push({ begun_at: begun_at - 1 })
  assert.equal(begun.isSent, false, 'what was begun before is another report')

  items.push({ begun_at })
  assert.equal(begun.isSent, true)
  begun.end()
  assert.equal(begun.isSent, false)
  await begun.empty()
  assert.equal(begun.isSent, false)
})
