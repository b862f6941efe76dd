import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SvelteMap } from 'svelte/reactivity'
import type { Field } from './field.svelte.ts'
import type { Preferences } from '../page/preferences.svelte.ts'
import type { Draft } from './outbox/item.ts'
import type { Outbox } from './outbox/outbox.svelte.ts'
import { SamplePhone } from './phone.sample.ts'

test('a report is of the TPS where somebody said it, whichever is chosen before this phone has it', async () => {
  new SamplePhone()
  const filed: Draft[] = []
  const outbox = { items: [], acts: [], file: async (draft: Draft) => (filed.push(draft), { id: 'baru' }) }
  const chosen = new SvelteMap([['operation', '2'], ['place', '31.72.01.1001.007']])
  const field = {
    session: null,
    get operation() {
      return { value: { id: Number(chosen.get('operation')) } }
    },
    get place() {
      return { code: chosen.get('place') }
    },
  }
  const { Lapor } = await import('./lapor.svelte.ts')
  const lapor = new Lapor({} as Preferences, field as unknown as Field, outbox as unknown as Outbox)

  const where = lapor.here
  chosen.set('operation', '1').set('place', '53.71.01.1001.001')
  await lapor.file({ kind: 'nihil' }, { moment: Date.parse('2024-11-27T00:00:00Z') }, where)

  assert.deepEqual(filed.map(({ operation, place, observed_at }) => [operation, place, observed_at]), [[2, '31.72.01.1001.007', '2024-11-27T07:00:00+07:00']])
})
