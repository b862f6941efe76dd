import { Refusal, type Api } from '../http.ts'
import { Live, type Standing } from '../socket.ts'
import { apply, type View } from '../store.ts'
import type { Delta, FromServer, Snapshot, Ticket } from '../wire.ts'

/** While the live connection is down the same rows are fetched at this pace, plus as much again at random. */
const POLL_MS = 8_000
/** A fetched view older than this counts as cut off, not merely behind. */
const POLLED_FRESH_MS = 20_000

/** What one region looks like now: kept by the live connection, by fetching while that is down. */
export class Watch {
  view: View | null = $state.raw(null)
  /** Codes whose numbers the last frame moved. */
  moved: string[] = $state.raw([])
  standing: Standing = $state('terputus')
  /** Milliseconds since the server last vouched for what is shown; null before the first word. */
  age: number | null = $state(null)
  /** The version that the operation has come to, as far as the server told; ahead of the view's where nothing of that moved. */
  latest: number | null = $state(null)
  /** Server's time of that word. */
  asOf: string | null = $state(null)
  isPolled = $state(false)
  /** Seconds by which the service itself is late with what has fallen due; null while all is well. */
  lateness: number | null = $state(null)
  /** Whether the operation shown takes no more reports; null before the server told. */
  isClosed: boolean | null = $state(null)
  problem: Refusal | null = $state.raw(null)
  private topic: { name: string; operation: number; code: string } | null = null
  private vouchedAt: number | null = null
  /** When the server last said that it had looked at the database, and when that was by our clock. */
  private looked: { at: string; ms: number } | null = null
  private polledAt: number | null = null
  private poll: ReturnType<typeof setTimeout> | null = null
  private readonly api: Api
  private readonly live: Live

  constructor(api: Api, onRevoked: () => void) {
    this.api = api
    this.live = new Live({
      ticket: () => this.api.post<Ticket>('/v1/live/tickets'),
      onFrame: (frame) => this.hear(frame),
      onOpen: () => this.ask('changes'),
      onStanding: () => this.stand(),
      onRevoked,
    })
  }

  /** From this age on what is shown counts as behind. */
  get patience_ms(): number {
    return this.live.patience_ms
  }

  start(): void {
    this.live.start()
    this.pace()
  }

  stop(): void {
    this.live.stop()
    if (this.poll) clearTimeout(this.poll)
    this.poll = null
  }

  hurry(): void {
    this.live.hurry()
  }

  /** Turns to another region; what was shown of the last one is dropped. */
  show(operation: number, code: string): void {
    const name = `${operation}:${code}`
    if (this.topic?.name === name) return
    if (this.topic) this.live.send({ type: 'unsubscribe', topic: this.topic.name })
    if (this.topic?.operation !== operation) this.isClosed = this.latest = null
    this.topic = { name, operation, code }
    this.view = this.vouchedAt = this.asOf = this.age = this.polledAt = this.problem = null
    this.ask('snapshot')
    void this.fetch()
  }

  private ask(what: 'changes' | 'snapshot'): void {
    if (!this.topic) return
    const known = what === 'changes' && this.view ? { since: this.view.version, layout: this.view.layout } : {}
    this.live.send({ type: 'subscribe', topic: this.topic.name, ...known })
  }

  private hear(frame: FromServer): void {
    if (frame.type === 'hello') this.look(frame.read_at, frame.server_at)
    else if (frame.type === 'snapshot' || frame.type === 'delta') this.take(frame)
    else if (frame.type === 'heartbeat') {
      this.look(frame.read_at, frame.at)
      this.lateness = frame.late_s ?? null
      if (this.topic) this.latest = frame.versions[String(this.topic.operation)] ?? this.latest
      if (this.topic && String(this.topic.operation) in frame.versions) this.isClosed = (frame.closed ?? []).includes(this.topic.operation)
      if (this.view) this.vouch(frame.read_at ?? frame.at, frame.at)
    } else if (frame.type === 'problem' && frame.topic === this.topic?.name) {
      this.problem = new Refusal(0, frame.code, { type: '', title: frame.detail ?? frame.code, status: 0, code: frame.code })
    }
  }

  private take(frame: Snapshot | Delta): void {
    if (frame.topic !== this.topic?.name) return
    const { view, changed, taken } = apply(this.view, frame)
    // Behind by some frames: what changed will do. Another layout: everything anew.
    if (taken === 'gap') return this.ask(frame.layout === view?.layout && frame.type === 'delta' && frame.from > view.version ? 'changes' : 'snapshot')
    if (taken === 'dropped') return
    this.view = view
    this.latest = view && view.version > (this.latest ?? 0) ? view.version : this.latest
    this.moved = changed
    this.problem = null
    this.vouch(frame.at)
  }

  private look(readAt: string | undefined, sentAt: string): void {
    if (readAt !== undefined) this.looked = { at: readAt, ms: performance.now() - Math.max(0, Date.parse(sentAt) - Date.parse(readAt)) }
  }

  /**
   * What is shown was so at `readAt`; both times are the server's, `sentAt` is now. The rows of a region where all is quiet were
   * read long ago, and are what they were: the server has looked since.
   */
  private vouch(readAt: string, sentAt: string = readAt): void {
    const isLater = this.looked !== null && Date.parse(this.looked.at) > Date.parse(readAt)
    this.vouchedAt = isLater && this.looked ? this.looked.ms : performance.now() - Math.max(0, Date.parse(sentAt) - Date.parse(readAt))
    this.asOf = isLater && this.looked ? this.looked.at : readAt
    this.stand()
  }

  private stand(): void {
    this.age = this.vouchedAt === null ? null : performance.now() - this.vouchedAt
    const wasPolled = this.polledAt !== null && performance.now() - this.polledAt < POLLED_FRESH_MS
    this.isPolled = this.live.standing === 'terputus' && wasPolled
    const isOld = this.age !== null && this.age > this.patience_ms
    this.standing = this.isPolled || (isOld && this.live.standing === 'langsung') ? 'tertinggal' : this.live.standing
  }

  private pace(): void {
    this.poll = setTimeout(() => {
      if (this.live.standing === 'terputus') void this.fetch()
      this.pace()
    }, POLL_MS * (1 + Math.random()))
  }

  /** The region over HTTP: whole at first, then what changed; nothing where the live connection was faster. */
  private async fetch(): Promise<void> {
    const topic = this.topic
    const before = this.view
    if (!topic) return
    const path = `/v1/regions/${topic.code}`
    const about = { operation: topic.operation }
    try {
      const frame = before
        ? await this.api.get<Delta>(`${path}/changes`, { ...about, since: before.version, layout: before.layout })
        : await this.api.get<Snapshot>(path, about)
      if (this.topic !== topic || this.view !== before) return
      this.polledAt = performance.now()
      if (!('from' in frame)) this.take({ ...frame, type: 'snapshot', topic: topic.name })
      else if (frame.to === before?.version) {
        this.latest = Math.max(frame.to, this.latest ?? 0)
        this.vouch(frame.at)
      }
      else this.take({ ...frame, type: 'delta', topic: topic.name })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (this.topic !== topic) return
      // Another layout, or a database that was set back: everything anew at the next fetch.
      if (error.status === 409 || error.status === 422) this.view = null
      else if (this.view === null) this.problem = error
    }
  }
}
