import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'
import { Refusal } from '../http.ts'
import { noteSignedIn } from '../page/signedInHere.ts'
import type { Memory } from './memory.ts'
import type { At } from './parts.ts'
import { SamplePhone } from './phone.sample.ts'

const TPS = ['31.72.01.1001.001', '31.72.01.1001.002']
const SEAT = { id: 7, role: 'petugas', regions: ['31.72.01.1001'] }
const sessionOf = (id: number) => ({ account: { id, username: `ani${id}`, full_name: `Ani ${id}` }, seat: SEAT, must_enrol: null })

/** A server that answers about the field, and leaves out what one has; `holding`: what is answered when it is let. */
class Server {
  account = 1
  status = 200
  /** So many questions find no server. */
  failing = 0
  readonly asked: URLSearchParams[] = []
  holding = ''
  /** What is said of every TPS now. */
  word = 'semua'
  private readonly held: (() => void)[] = []

  constructor() {
    globalThis.fetch = async (address) => {
      const { pathname, searchParams } = new URL(String(address), 'http://posko.test')
      assert.equal(pathname, '/v1/field')
      this.asked.push(searchParams)
      if (this.failing-- > 0) throw new TypeError('no server')
      if (this.holding && searchParams.toString().includes(this.holding)) await new Promise<void>((go) => this.held.push(go))
      return new Response(JSON.stringify(this.answer(searchParams)), { status: this.status, headers: { 'content-type': 'application/json' } })
    }
  }

  async letGo(): Promise<void> {
    this.holding = ''
    for (const go of this.held) go()
    await later(20)
  }

  private answer(asked: URLSearchParams): object {
    if (this.status !== 200) return { code: 'not-signed-in', status: this.status }
    const operation = Number(asked.get('operation') ?? 2)
    const place = asked.get('place') ?? undefined
    const owed = { operation, place, obligations: [this.word] }
    const parts: Record<string, object | undefined> = {
      session: sessionOf(this.account),
      operations: [{ id: 2 }, { id: 1 }],
      detail: { id: operation, mode: 'live' },
      choices: TPS.map((code) => ({ code })),
      ...(place && { tps: { code: place }, owed, directives: [] }),
    }
    const marks = Object.fromEntries(Object.entries(parts).map(([part, said]) => [part, `${part} ${JSON.stringify(said)} ${place ?? ''}`.replaceAll(/[^a-z0-9]/g, '')]))
    const have = new Set(asked.get('have')?.split(','))
    const told = Object.entries(parts).filter(([part]) => !have.has(marks[part] ?? ''))
    return { marks, operation, ...(place && { place }), ...Object.fromEntries(told) }
  }
}

/** A phone, and a server. */
async function setUp() {
  const [phone, server] = [new SamplePhone(), new Server()]
  await import('./outbox/disk.ts') // it comes before the tests' short waits
  const { Outbox } = await import('./outbox/outbox.svelte.ts')
  const { Field } = await import('./field.svelte.ts')
  const open = async () => {
    const outbox = new Outbox()
    phone.hold(outbox.database)
    const field = new Field(outbox)
    await field.resume()
    return field
  }
  return { phone, server, open }
}

async function signedIn() {
  const found = await setUp()
  const field = await found.open()
  await field.chooseOperation(1)
  assert.equal(field.operation?.value.id, 1)
  return { ...found, field }
}

test('what is answered late about a TPS is not shown when another was chosen meanwhile', async () => {
  const { field, server } = await signedIn()
  server.holding = TPS[0] ?? ''
  const first = field.choose(TPS[0] ?? '')
  await later(20)
  await field.choose(TPS[1] ?? '')
  assert.equal(field.place?.tps?.value.code, TPS[1])
  assert.equal(field.isChoosing, true)

  await server.letGo()
  await first

  assert.deepEqual([field.place?.code, field.isChoosing], [TPS[1], false])
})

test('what is answered late about an operation is not shown when another was chosen meanwhile', async () => {
  const { field, server } = await signedIn()
  server.holding = 'operation=2'
  const first = field.chooseOperation(2)
  await later(20)
  await field.chooseOperation(1)
  assert.equal(field.operation?.value.id, 1)

  await server.letGo()
  await first

  assert.equal(field.operation?.value.id, 1)
})

test('one question a time, and what this phone has is neither sent again nor lost', async () => {
  const { field, server } = await signedIn()
  await field.choose(TPS[0] ?? '')
  const before = field.place
  const asked = server.asked.length
  server.word = 'kurang satu'

  await field.refresh()

  assert.equal(server.asked.length, asked + 1)
  assert.equal(server.asked.at(-1)?.get('have')?.split(',').length, 7)
  assert.deepEqual(field.place?.owed?.value.obligations, ['kurang satu'])
  assert.equal(field.place?.tps?.value, before?.tps?.value)
  assert.ok((field.place?.tps?.fetched_at ?? 0) >= (before?.tps?.fetched_at ?? Infinity))
})

test('a page that is opened again asks once, for what was worked on and with what it has', async () => {
  const { field, server, open } = await signedIn()
  await field.choose(TPS[1] ?? '')
  const asked = server.asked.length

  const again = await open()

  assert.equal(server.asked.length, asked + 1)
  assert.deepEqual([server.asked.at(-1)?.get('operation'), server.asked.at(-1)?.get('place')], ['1', TPS[1]])
  assert.equal(server.asked.at(-1)?.get('have')?.split(',').length, 7)
  assert.deepEqual([again.operation?.value.id, again.place?.owed?.value.place], [1, TPS[1]])
})

test('what a phone says that it has, and has no more, is asked for whole', async () => {
  const { field, phone, server, open } = await signedIn()
  await field.choose(TPS[1] ?? '')
  phone.lose('known', '1 owed 1')

  const again = await open()

  assert.deepEqual(again.place?.owed?.value.obligations, ['semua'])
  assert.equal(server.asked.at(-1)?.get('have'), null)
})

test('somebody else on the same phone works on what they choose themselves', async () => {
  const { field, server, open } = await signedIn()
  await field.choose(TPS[0] ?? '')
  server.account = 2

  const again = await open()

  assert.equal(again.session?.account.id, 2)
  assert.deepEqual([again.operation?.value.id, again.place], [2, null])
})

test('whose session has ended goes on with what the phone knows', async () => {
  const { field, server, open } = await signedIn()
  await field.choose(TPS[0] ?? '')
  server.status = 401

  const again = await open()

  assert.deepEqual([again.needsSignIn, again.place?.tps?.value.code], [true, TPS[0]])
})

test('on a shared phone nothing of the one before is shown to who signed in since', async () => {
  const { field, server, open } = await signedIn()
  await field.choose(TPS[0] ?? '')
  noteSignedIn(2)
  server.account = 2
  server.failing = 9

  const again = await open()

  assert.deepEqual([again.session, again.place], [null, null])
  server.failing = 0
  await again.refresh()
  assert.equal(again.session?.account.id, 2)
})

test('what somebody chose is kept for them alone: after signing out, and after another was on the phone', async () => {
  const { field, server, phone, open } = await signedIn()
  await field.choose(TPS[0] ?? '')
  Object.assign(field, { api: { delete: async () => undefined } })
  await field.signOut()
  noteSignedIn(1)
  const back = await open()
  assert.deepEqual([back.operation?.value.id, back.place?.code], [1, TPS[0]])

  server.account = 2
  noteSignedIn(2)
  const other = await open()
  assert.deepEqual([other.session?.account.id, other.operation?.value.id, other.place], [2, 2, null])
  assert.deepEqual(phone.keys('known').filter((key) => key.startsWith('1 ')), ['1 operation', '1 place 1', '1 place 2'], 'codes, and nothing else')

  server.account = 1
  noteSignedIn(1)
  const again = await open()
  assert.deepEqual([again.session?.account.id, again.operation?.value.id, again.place?.code], [1, 1, TPS[0]])
})

test('that signing out found no server is said only until there is one', async () => {
  const { field } = await signedIn()
  const { api } = field
  Object.assign(field, { api: { delete: async () => Promise.reject(new Refusal(0, 'no-server')) } })
  await field.signOut()
  assert.equal(field.isStillIn, true)
  Object.assign(field, { api })
  await field.refresh()
  assert.equal(field.isStillIn, false)
})

test('what is noted of the last question may be nonsense', async () => {
  const { open, server } = await signedIn()
  for (const nonsense of ['{', 'null']) {
    localStorage.setItem('posko.lapor.question', nonsense)
    assert.equal((await open()).session?.account.id, 1)
  }
  assert.ok(server.asked.length > 2)
})

test('a first question that found no server is asked once more at once', async () => {
  const { server, open } = await setUp()
  server.failing = 1

  const field = await open()

  assert.deepEqual([field.session?.account.id, field.isOffline, server.asked.length], [1, false, 2])
})

test('a phone that knows nothing shows the first answer while its memory is being made, and what is filed meanwhile waits for that', async () => {
  const { phone } = await setUp()
  const { Outbox } = await import('./outbox/outbox.svelte.ts')
  const { Field } = await import('./field.svelte.ts')
  const outbox = new Outbox()
  phone.hold(outbox.database)
  const { use } = outbox.database
  let isMade = (): void => undefined
  const making = new Promise<void>((resolve) => (isMade = resolve))
  outbox.database.use = async (work) => making.then(() => use(work))
  const field = new Field(outbox)
  const resuming = field.resume()
  for (let n = 0; n < 50 && field.isResuming; n += 1) await later(10)
  assert.deepEqual([field.isResuming, field.session?.account.id, field.operation?.value.id], [false, 1, 2])

  const filing = outbox.file({ operation: 2, place: TPS[0] ?? '', content: { kind: 'nihil' } })
  await later(20)
  assert.equal(outbox.items.length, 0)
  isMade()
  await Promise.all([filing, resuming])

  for (let n = 0; n < 50 && outbox.items.length < 1; n += 1) await later(10)
  assert.equal(outbox.items.length, 1)
  assert.ok(phone.keys('known').includes('1 session'))
})

test('what is recalled after the first answer has been shown does not take its place', async () => {
  const { phone, server } = await setUp()
  const { Outbox } = await import('./outbox/outbox.svelte.ts')
  const { Field } = await import('./field.svelte.ts')
  noteSignedIn(server.account)
  const outbox = new Outbox()
  phone.hold(outbox.database)
  const field = new Field(outbox)
  const memory = await (field as unknown as { memory(): Promise<Memory> }).memory()
  const recall = memory.recallChoice.bind(memory)
  const shown = new Promise<void>((resolve) => (field.onSettled = resolve))
  let begin = (): void => undefined
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const ask = globalThis.fetch
  globalThis.fetch = (...asked) => begun.then(() => ask(...asked))
  let isRecalled = false
  memory.recallChoice = async (account) => {
    const found = await recall(account)
    begin()
    await shown
    isRecalled = true
    return found
  }
  await field.resume()
  for (let n = 0; n < 500 && !isRecalled; n += 1) await later(10)
  await later(20)

  assert.deepEqual([isRecalled, field.operation?.value.id, (field as unknown as { at: At }).at.operation], [true, 2, 2])
})

test('a phone that cannot read its disk shows what the server says', async () => {
  const { phone } = await signedIn()
  const { Outbox } = await import('./outbox/outbox.svelte.ts')
  const { Field } = await import('./field.svelte.ts')
  const outbox = new Outbox()
  phone.hold(outbox.database)
  outbox.lastWho = () => Promise.reject(new Refusal(0, 'offline'))
  const field = new Field(outbox)

  await field.resume()

  assert.deepEqual([field.isResuming, field.session?.account.id, field.operation?.value.id], [false, 1, 2])
})
