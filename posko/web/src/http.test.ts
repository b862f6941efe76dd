import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { Api, Refusal } from './http.ts'

let asked: { path: string; init: RequestInit }[] = []
let answers: [number, unknown][] = []

function answering(...given: [number, unknown][]): void {
  answers = given
}

const refused = (status: number, code: string): [number, unknown] => [status, { type: '', title: '', status, code }]

beforeEach(() => {
  asked = []
  globalThis.fetch = ((path: string, init: RequestInit) => {
    asked.push({ path, init })
    const [status, body] = answers.shift() ?? [200, {}]
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }))
  }) as typeof fetch
})

test('no token is sent, and only this site gets the cookie', async () => {
  answering([200, { a: 1 }])

  assert.deepEqual(await new Api().get('/v1/x', { q: 'a b', after: undefined, limit: 5, empty: '' }), { a: 1 })
  assert.equal(asked[0]?.path, '/v1/x?q=a+b&limit=5')
  assert.equal(asked[0]?.init.credentials, 'same-origin')
  assert.equal('authorization' in ((asked[0]?.init.headers ?? {}) as Record<string, string>), false)
})

test('what needs a proof is asked again after it was given, and only then', async () => {
  const api = new Api()
  api.stepUp = () => Promise.resolve(true)
  answering(refused(403, 'step-up-needed'), [204, null])
  await api.delete('/v1/factors/passkeys/1')
  assert.equal(asked.length, 2)

  api.stepUp = () => Promise.resolve(false)
  answering(refused(403, 'step-up-needed'))
  await assert.rejects(api.delete('/v1/factors/passkeys/1'), (error: Refusal) => error.code === 'step-up-needed')
  assert.equal(asked.length, 3)
})

test('an ended session leads to the door; a wrong proof does not', async () => {
  const api = new Api()
  const told: string[] = []
  api.onTurnedAway = (code) => told.push(code)
  const proof = { isProof: true }

  answering(refused(401, 'not-signed-in'), refused(401, 'not-signed-in'), refused(401, 'passkey-needed'), refused(403, 'enrol-first'))
  await assert.rejects(api.post('/v1/sessions/current/step-up', {}, proof))
  await assert.rejects(api.get('/v1/operations'))
  await assert.rejects(api.put('/v1/sessions/current/seat', { seat: 2 }))
  await assert.rejects(api.get('/v1/operations'))

  assert.deepEqual(told, ['not-signed-in', 'enrol-first'])
})

test('an answer that is cut off, or is a page of somebody else, is as good as none', async () => {
  const cut = (): Response => {
    const body = new ReadableStream({
      pull(stream) {
        stream.error(new TypeError('network error'))
      },
    })
    return new Response(body, { status: 200 })
  }
  for (const answer of [cut, () => new Response('<html>Selamat datang di WiFi</html>', { status: 200 })]) {
    globalThis.fetch = (() => Promise.resolve(answer())) as typeof fetch
    await assert.rejects(new Api().get('/v1/x'), (error: unknown) => error instanceof Refusal && error.status === 0 && error.code === 'offline')
  }
  globalThis.fetch = (() => Promise.resolve(cut())) as typeof fetch
  await assert.rejects(new Api().file('/v1/x'), (error: unknown) => error instanceof Refusal && error.status === 0)
})

test('a file is sent as it is', async () => {
  answering([201, { accounts: 2 }])
  await new Api().post('/v1/accounts/import', 'username,role\n', { contentType: 'text/csv' })

  assert.equal(asked[0]?.init.body, 'username,role\n')
  assert.equal((asked[0]?.init.headers as Record<string, string>)['content-type'], 'text/csv')
})
