import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'
import type { Session } from '../accounts.ts'
import { SamplePhone } from './phone.sample.ts'

const SESSION = { account: { id: 1, username: 'ani', full_name: 'Ani' }, seat: { id: 7, role: 'petugas', regions: ['31.72.01.1001'] } } as unknown as Session
const OPERATIONS = [1, 2].map((id) => ({ id, name: `operasi ${id}`, mode: 'live', state: 'active', layout: 1, root_code: '31.72' }))

/** A phone that is signed in, and a server that answers what it is let answer. */
async function signedIn() {
  const phone = new SamplePhone()
  const { Outbox } = await import('./outbox/outbox.svelte.ts')
  const { Field } = await import('./field.svelte.ts')
  const outbox = new Outbox()
  phone.hold(outbox.database)
  const held = new Map<string, () => void>()
  /** Addresses that are answered when somebody lets them. */
  const holding = new Set<string>()
  globalThis.fetch = async (asked) => {
    const address = String(asked)
    const code = /31\.72\.01\.1001\.\d+/.exec(address)?.[0]
    const wait = [...holding].find((part) => address.includes(part))
    if (wait) await new Promise<void>((go) => held.set(address, go))
    const said = /\/obligations|\/directives/.test(address) ? { rows: [] } : address.includes('/v1/tps/') ? { code, name: `TPS ${code}` } : address.includes('/tps?') ? { places: [], next: null } : /operations\/\d/.test(address) ? OPERATIONS.find(({ id }) => address.includes(`operations/${id}`)) : OPERATIONS
    return new Response(JSON.stringify(said), { headers: { 'content-type': 'application/json' } })
  }
  const field = new Field(outbox)
  field.take(SESSION)
  await field.chooseOperation(1)
  assert.equal(field.operation?.value.id, 1)
  const letGo = async (): Promise<void> => {
    holding.clear()
    for (const go of held.values()) go()
    await later(20)
  }
  return { field, holding, letGo }
}

test('what is answered late about a TPS is not shown when another was chosen meanwhile', async () => {
  const { field, holding, letGo } = await signedIn()
  holding.add('31.72.01.1001.001')
  const first = field.choose('31.72.01.1001.001')
  await later(20)
  await field.choose('31.72.01.1001.002')
  assert.equal(field.place?.tps?.value.code, '31.72.01.1001.002')

  await letGo()
  await first

  assert.equal(field.place?.code, '31.72.01.1001.002')
})

test('what is answered late about an operation is not shown when another was chosen meanwhile', async () => {
  const { field, holding, letGo } = await signedIn()
  holding.add('/v1/operations/2')
  const first = field.chooseOperation(2)
  await later(20)
  await field.chooseOperation(1)
  assert.equal(field.operation?.value.id, 1)

  await letGo()
  await first

  assert.equal(field.operation?.value.id, 1)
})
