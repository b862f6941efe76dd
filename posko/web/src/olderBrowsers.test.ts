import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { toWall } from './dinding/route.ts'
import { Api, Refusal } from './http.ts'
import { asked, givingUpAfter } from './olderBrowsers.ts'
import { toView } from './routes.ts'

const NEWER: [object, string][] = [[URLSearchParams.prototype, 'size'], [AbortSignal, 'timeout'], [AbortSignal, 'any']]
let taken: [object, string, PropertyDescriptor][] = []

beforeEach(() => {
  taken = NEWER.map(([of, name]) => [of, name, Object.getOwnPropertyDescriptor(of, name) ?? {}])
  for (const [of, name] of NEWER) Reflect.deleteProperty(of, name)
})

afterEach(() => {
  for (const [of, name, was] of taken) Object.defineProperty(of, name, was)
})

test('a question keeps what it asks for, in the address of a page too', async () => {
  const paths: string[] = []
  globalThis.fetch = ((path: string) => (paths.push(path), Promise.resolve(new Response('{}')))) as typeof fetch

  await new Api().get('/v1/tps/31', { operation: 7 })

  assert.deepEqual(paths, ['/v1/tps/31?operation=7'])
  assert.equal(toView(1, '31', 'kejadian', null, { status: 'baru' }), '#/1/31/kejadian?status=baru')
  assert.equal(toWall({ operation: 1, code: '31', every_s: 20, order: 'kode', hasVotes: false }), '#/1/31?putar=20')
  assert.equal(asked(new URLSearchParams()), '')
})

test('a question without an answer is given up in time', async () => {
  globalThis.fetch = ((_path: string, { signal }: RequestInit) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))) as typeof fetch

  await assert.rejects(new Api().post('/v1/x', {}, { patience_ms: 5 }), (error) => error instanceof Refusal && error.code === 'offline')
  assert.equal(givingUpAfter(1000).aborted, false)
})
