import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { Api } from '../http.ts'
import type { FromServer } from '../wire.ts'
import { Watch } from './watch.svelte.ts'

class Wire {
  static last: Wire
  readyState = 1
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  constructor() {
    Wire.last = this
  }
  send(): void {}
  close(): void {}
  hear(frame: FromServer): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

const known = globalThis.WebSocket
beforeEach(() => {
  globalThis.WebSocket = Wire as unknown as typeof WebSocket
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
})
afterEach(() => {
  globalThis.WebSocket = known
  mock.timers.reset()
})

/** A console that has said where it looks; nothing comes over HTTP. */
async function watching(): Promise<Watch> {
  const api = { get: () => new Promise(() => undefined), post: async () => ({ ticket: 't', url: 'http://posko.test/v1/live', expires_at: '' }) }
  const watch = new Watch(api as unknown as Api, () => undefined)
  watch.start()
  watch.show(1, '31.72')
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  return watch
}

const at = (clock: string): string => `2024-11-27T${clock}Z`
const hello = (read_at: string): FromServer => ({ type: 'hello', protocol: 1, server_at: at('09:00:01'), heartbeat_s: 10, topics_limit: 16, frame_limit_bytes: 65536, read_at })
const snapshot = (read: string): FromServer => ({ type: 'snapshot', topic: '1:31.72', version: 5, layout: 1, at: read, names: {}, counters: [], rows: [] })

test('the rows of a quiet region were read long ago, and are as new as the server has looked', async () => {
  const watch = await watching()
  Wire.last.hear(hello(at('09:00:00')))
  Wire.last.hear(snapshot(at('08:12:40')))

  assert.deepEqual([watch.standing, watch.asOf], ['langsung', at('09:00:00')])
  assert.ok(watch.age !== null && watch.age >= 1_000 && watch.age < 2_000)

  Wire.last.hear({ type: 'delta', topic: '1:31.72', from: 5, to: 6, layout: 1, at: at('09:00:04'), rows: [] })
  assert.equal(watch.asOf, at('09:00:04'))
  Wire.last.hear({ type: 'heartbeat', at: at('09:00:11'), versions: { 1: 6 }, read_at: at('09:00:10') })
  watch.show(1, '31.72.01')
  Wire.last.hear({ ...snapshot(at('08:00:00')), topic: '1:31.72.01' } as FromServer)
  assert.equal(watch.asOf, at('09:00:10'))
  watch.stop()
})

test('what the server itself could not read any more is as old as it is', async () => {
  const watch = await watching()
  Wire.last.hear(hello(at('08:50:00')))
  Wire.last.hear(snapshot(at('08:12:40')))

  assert.deepEqual([watch.standing, watch.asOf], ['tertinggal', at('08:50:00')])
  watch.stop()
})
