import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Words } from '../../words.ts'
import type { Field } from '../field.svelte.ts'
import type { Preferences } from '../../page/preferences.svelte.ts'
import type { Outbox } from '../outbox/outbox.svelte.ts'
import { SamplePhone } from '../phone.sample.ts'
import { leftIn } from './left.ts'

const words = new Words('id', JSON.parse(readFileSync('src/words/formulir/id.json', 'utf8')) as Record<string, string>)

test('who signs out is told of all that the server has not taken: reports, what was said to directives, photos and voice notes', async () => {
  new SamplePhone()
  const { Lapor } = await import('../lapor.svelte.ts')
  const left = (items: object[], acts: object[] = []): string => {
    const outbox = { items: items.map((item) => ({ photos: [], voice: null, ...item })), acts }
    return leftIn(new Lapor({ words } as Preferences, { session: null, operation: null, place: null } as Field, outbox as unknown as Outbox))
  }
  const films = ['antre', 'terkirim', 'antre', 'ditolak'].map((standing) => ({ standing }))

  assert.equal(left([{ standing: 'diterima' }, { standing: 'ditolak', photos: films }], [{ standing: 'diterima' }, { standing: 'ditolak' }]), '')
  assert.equal(left([{ standing: 'antre', photos: films }, { standing: 'terkirim' }]), '2 laporan', 'its photos go with it')
  assert.equal(left([], [{ standing: 'antre' }, { standing: 'terkirim' }]), '2 jawaban arahan')
  assert.equal(left([{ standing: 'diterima', photos: films, voice: { standing: 'antre' } }]), '3 foto/suara')
  assert.equal(left([{ standing: 'antre' }, { standing: 'diterima', photos: films }], [{ standing: 'antre' }]), '1 laporan dan 1 jawaban arahan dan 2 foto/suara')
})
