import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { Live, type LiveOptions, retryDelay } from './socket.ts'
import type { FromServer } from './wire.ts'

const HELLO: FromServer = { type: 'hello', protocol: 1, server_at: '', heartbeat_s: 10, topics_limit: 16, frame_limit_bytes: 65536 }

class Wire {
  readyState = 1
  sent: string[] = []
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  readonly url: string
  constructor(url: string) {
    this.url = url
  }
  send(text: string): void {
    this.sent.push(text)
  }
  close(): void {
    this.readyState = 3
  }
  hear(frame: FromServer): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  cut(): void {
    this.readyState = 3
    this.onclose?.()
  }
}

let wires: Wire[] = []
let clock = 0
let opened = 0
let revoked = 0

function live(over: Partial<LiveOptions> = {}): Live {
  return new Live({
    ticket: () => Promise.resolve({ ticket: 't', url: 'http://posko.test/v1/live', expires_at: '' }),
    onFrame: () => undefined,
    onOpen: () => void (opened += 1),
    onStanding: () => undefined,
    onRevoked: () => void (revoked += 1),
    random: () => 0.5,
    now: () => clock,
    open: (url) => {
      const wire = new Wire(url)
      wires.push(wire)
      return wire as unknown as WebSocket
    },
    ...over,
  })
}

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    clock += Math.min(250, left)
    mock.timers.tick(Math.min(250, left))
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  }
}

beforeEach(() => {
  wires = []
  clock = opened = revoked = 0
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
})

afterEach(() => mock.timers.reset())

test('it connects with a ticket, and is live once the server said hello', async () => {
  const line = live()
  line.start()
  await pass(1)

  assert.equal(wires[0]?.url, 'ws://posko.test/v1/live?ticket=t')
  assert.equal(line.standing, 'terputus')
  wires[0]?.hear(HELLO)
  assert.equal(line.standing, 'langsung')
  assert.equal(opened, 1)
  line.stop()
})

test('silence is first behind, then a new connection', async () => {
  const line = live()
  line.start()
  await pass(1)
  wires[0]?.hear(HELLO)

  await pass(16_000)
  assert.equal(line.standing, 'tertinggal')
  await pass(15_500)
  assert.equal(line.standing, 'terputus')
  await pass(2_000)
  assert.equal(wires.length, 2)
  line.stop()
})

test('a cut connection waits its jitter before the first retry, and longer each time', async () => {
  const line = live()
  line.start()
  await pass(1)
  wires[0]?.hear(HELLO)
  wires[0]?.cut()

  assert.equal(line.standing, 'terputus')
  await pass(900)
  assert.equal(wires.length, 1)
  await pass(250)
  assert.equal(wires.length, 2)
  assert.ok(retryDelay(5, 0.5) > retryDelay(1, 0.5))
  assert.ok(retryDelay(50, 1) <= 30_000)
  assert.equal(retryDelay(0, 0), 0)
  line.stop()
})

test('the pause that the server asked for is kept', async () => {
  const line = live()
  line.start()
  await pass(1)
  wires[0]?.hear(HELLO)
  wires[0]?.hear({ type: 'bye', code: 'slow', retry_after_s: 5 })
  wires[0]?.cut()

  await pass(5_500)
  assert.equal(wires.length, 1)
  await pass(1_000)
  assert.equal(wires.length, 2)
  line.stop()
})

test('a revoked session is not tried again', async () => {
  const line = live()
  line.start()
  await pass(1)
  wires[0]?.hear(HELLO)
  wires[0]?.hear({ type: 'bye', code: 'revoked', retry_after_s: 0 })

  await pass(60_000)
  assert.equal(revoked, 1)
  assert.equal(wires.length, 1)
})

test('a refused ticket counts as a failed attempt and the next one comes', async () => {
  let asked = 0
  const line = live({ ticket: () => Promise.reject(new Error(String((asked += 1)))) })
  line.start()

  await pass(10_000)
  assert.ok(asked >= 2 && asked <= 6, String(asked))
  line.stop()
})
