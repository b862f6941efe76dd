import type { Bye, FromClient, FromServer, Hello, Ticket } from './wire.ts'

/** `langsung`: heard from the server lately; `tertinggal`: connected but silent; `terputus`: no connection. */
export type Standing = 'langsung' | 'tertinggal' | 'terputus'

export interface LiveOptions {
  /** A fresh one-time ticket; a rejection counts as a failed attempt. */
  ticket: () => Promise<Ticket>
  onFrame: (frame: FromServer) => void
  /** The connection is up and said hello: the moment to subscribe. */
  onOpen: () => void
  onStanding: () => void
  /** The server ended the session; no further attempt is made. */
  onRevoked: () => void
  random?: () => number
  now?: () => number
  open?: (url: string) => WebSocket
}

const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 30_000
const HELLO_MS = 10_000
/** Silence after which what is shown counts as behind, in heartbeats. */
const BEHIND = 1.5
/** Silence after which the connection is given up, in heartbeats. */
const DEAD = 3

/** Milliseconds to wait before attempt n (0 is the first retry): jitter before that one too, so that a server that
 * comes back is not met by everybody at once. */
export function retryDelay(attempt: number, random: number, asked_s = 0): number {
  const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt)
  return asked_s * 1000 + ceiling * (attempt === 0 ? random : 0.5 + random / 2)
}

/** One live connection that keeps itself open, and says honestly how old its last word is. */
export class Live {
  /** Clock reading of the last frame of any kind; null before the first. */
  heardAt: number | null = null
  standing: Standing = 'terputus'
  private socket: WebSocket | null = null
  private attempt = 0
  private heartbeat_ms = 10_000
  private retry: ReturnType<typeof setTimeout> | null = null
  private watch: ReturnType<typeof setInterval> | null = null
  private asked_s = 0
  private generation = 0
  private connectingSince: number | null = null
  private readonly options: LiveOptions
  private readonly now: () => number
  private readonly random: () => number

  constructor(options: LiveOptions) {
    this.options = options
    this.now = options.now ?? (() => performance.now())
    this.random = options.random ?? Math.random
  }

  start(): void {
    this.watch ??= setInterval(() => this.look(), 1000)
    void this.connect()
  }

  stop(): void {
    if (this.watch) clearInterval(this.watch)
    this.watch = null
    this.drop()
  }

  /** Age over which what was heard counts as behind. */
  get patience_ms(): number {
    return BEHIND * this.heartbeat_ms
  }

  /** Sends if the connection is up; what is lost here is asked for again in `onOpen`. */
  send(message: FromClient): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message))
  }

  /** The machine is back from sleep or offline: try soon instead of at the end of a long pause. */
  hurry(): void {
    if (this.watch === null || this.socket !== null || this.retry === null) return
    clearTimeout(this.retry)
    this.retry = setTimeout(() => void this.connect(), retryDelay(0, this.random()))
  }

  private async connect(): Promise<void> {
    this.drop()
    const generation = this.generation
    this.connectingSince = this.now()
    try {
      const { ticket, url } = await this.options.ticket()
      if (generation !== this.generation) return
      this.listen((this.options.open ?? ((address) => new WebSocket(address)))(addressOf(url, ticket)))
    } catch {
      if (generation === this.generation) this.again()
    }
  }

  private listen(socket: WebSocket): void {
    this.socket = socket
    socket.onmessage = (event: MessageEvent<string>) => this.hear(JSON.parse(event.data) as FromServer)
    socket.onclose = () => {
      if (this.socket === socket) this.again()
    }
  }

  private hear(frame: FromServer): void {
    this.heardAt = this.now()
    if (frame.type === 'hello') this.greet(frame)
    if (frame.type === 'bye') this.leave(frame)
    this.options.onFrame(frame)
    this.stand()
  }

  private greet(hello: Hello): void {
    this.attempt = 0
    this.asked_s = 0
    this.connectingSince = null
    this.heartbeat_ms = hello.heartbeat_s * 1000
    this.options.onOpen()
  }

  private leave(bye: Bye): void {
    this.asked_s = bye.retry_after_s
    if (bye.code === 'revoked') {
      this.stop()
      this.options.onRevoked()
    }
  }

  private again(): void {
    const asked_s = this.asked_s
    this.drop()
    this.stand()
    if (this.watch === null) return
    this.retry = setTimeout(() => void this.connect(), retryDelay(this.attempt, this.random(), asked_s))
    this.attempt += 1
  }

  private drop(): void {
    this.generation += 1
    if (this.retry) clearTimeout(this.retry)
    this.retry = null
    this.asked_s = 0
    this.connectingSince = null
    const socket = this.socket
    this.socket = null
    if (socket) socket.onclose = socket.onmessage = null
    socket?.close()
  }

  private look(): void {
    if (this.connectingSince !== null && this.now() - this.connectingSince > HELLO_MS) this.again()
    else if (this.socket !== null && this.silence() > DEAD * this.heartbeat_ms) this.again()
    this.stand()
  }

  private silence(): number {
    return this.heardAt === null || this.connectingSince !== null ? 0 : this.now() - this.heardAt
  }

  private stand(): void {
    const isUp = this.socket?.readyState === 1 && this.connectingSince === null
    this.standing = !isUp ? 'terputus' : this.silence() > this.patience_ms ? 'tertinggal' : 'langsung'
    this.options.onStanding()
  }
}

function addressOf(url: string, ticket: string): string {
  const address = new URL(url, globalThis.location?.href ?? 'http://127.0.0.1')
  address.protocol = address.protocol.replace('http', 'ws')
  address.searchParams.set('ticket', ticket)
  return address.href
}
