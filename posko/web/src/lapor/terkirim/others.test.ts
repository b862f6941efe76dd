import assert from 'node:assert/strict'
import { test } from 'node:test'
import { carriedOf, stayingOf } from '../form/carried.ts'
import type { Lapor } from '../lapor.svelte.ts'
import { otherBy } from './others.ts'

const PHOTO = { sha256: 'foto', bytes: 3 }
const VOICE = { sha256: 'suara', bytes: 3, seconds: 4 }
const CUSTODY = { kind: 'custody', holder: 'tps', sealed: true } as const

/** What a server has of a report that another phone filed, as it is looked at here. */
async function seen(content: object) {
  const report = { id: 'lama', operation: 2, place: '31.72.01.1001.007', observed_at: '2024-11-27T00:00:00Z', content, on_behalf_of: null, version: 1, received_at: '2024-11-27T00:00:00Z', flags: [], reporter: 'ani', corrected_by: null }
  const lapor = { field: { api: { get: async () => report }, session: { account: { username: 'ani' } } } }
  return otherBy('lama', lapor as unknown as Lapor)
}

test('a report of another phone has its photos and its voice note, and whoever corrects it is told that they stay with it', async () => {
  const nowhere = { photo: async () => null }
  for (const content of [{ ...CUSTODY, photos: [PHOTO], voice: VOICE }, { kind: 'correction', of: 'dulu', reason: 'salah', replacement: { ...CUSTODY, photos: [PHOTO], voice: VOICE } }]) {
    const item = await seen(content)
    assert.deepEqual([item.photos.map(({ sha256, standing }) => [sha256, standing]), item.voice?.seconds, item.voice?.standing], [[['foto', 'dijanjikan']], 4, 'dijanjikan'])
    assert.deepEqual(await carriedOf(nowhere, item), { photos: [], voice: null, isLess: true })
    assert.equal(stayingOf(item, []).elsewhere, 1)
  }
  for (const content of [CUSTODY, { kind: 'correction', of: 'dulu', reason: 'salah' }]) assert.equal((await carriedOf(nowhere, await seen(content))).isLess, false)
})

test('a correction of a correction is told of all photos that stay, each as it stands', () => {
  const photos = (...standings: string[]) => standings.map((standing) => ({ ...PHOTO, standing, why: null })) as Awaited<ReturnType<typeof seen>>['photos']
  const first = { id: 'a', photos: photos('terkirim', 'antre', 'ditolak'), report: { content: { ...CUSTODY } } }
  const second = { id: 'b', photos: photos('terkirim'), report: { content: { kind: 'correction', of: 'a', reason: 'salah', replacement: CUSTODY } as const } }
  assert.deepEqual(stayingOf(second, [first, second]), { sent: 2, queued: 1, elsewhere: 0, refused: 1 })
  // Whatever says that it corrects what corrects it ends.
  assert.equal(stayingOf(second, [{ ...first, report: { content: { ...second.report.content, of: 'b' } } }, second]).sent, 2)
})
