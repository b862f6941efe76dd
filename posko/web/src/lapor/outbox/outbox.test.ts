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
