import type { Recorded } from '../outbox/item.ts'
import { withDuration } from './duration.ts'

/** As the server has it (posko/reports/report.py). */
export const VOICE_LIMIT_S = 60
const LIMIT_BYTES = 1024 * 1024
/** A recording ends before the last second of it could be too much; no second of speech is longer. */
const SPARE_BYTES = 64 * 1024
const BITS_PER_S = 24_000
const TICK_MS = 250
/** What a finger that slipped records is none. */
const SHORTEST_MS = 500
/** What the server takes, the smaller first: Chromium, Firefox, Android; Safari. */
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4;codecs=mp4a.40.2', 'audio/mp4']

/** This browser records nothing · the microphone was refused · there is none, or it is taken · nothing came of it. */
export type Trouble = 'unable' | 'refused' | 'none' | 'broken'

/** Records one voice note: asks for the microphone when it is wanted, lets it go as soon as it is not. */
export class Recorder {
  standing: 'idle' | 'asking' | 'recording' = $state('idle')
  /** Since it began. */
  seconds = $state(0)
  recorded: Recorded | null = $state.raw(null)
  trouble: Trouble | null = $state(null)
  private media: MediaRecorder | null = null
  private ending: Promise<void> | null = null
  private isGone = false

  /** `recorded`: what there is before anything is recorded here. */
  constructor(recorded: Recorded | null = null) {
    this.recorded = recorded
  }

  async start(): Promise<void> {
    if (this.standing !== 'idle' || this.recorded) return
    this.trouble = null
    const type = 'MediaRecorder' in globalThis ? TYPES.find((one) => MediaRecorder.isTypeSupported(one)) : undefined
    if (type === undefined || !navigator.mediaDevices) {
      this.trouble = 'unable'
      return
    }
    this.standing = 'asking'
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } })
      if (this.isGone) letGo(stream)
      else this.begin(stream, type)
    } catch (error) {
      if (!(error instanceof DOMException)) throw error
      this.trouble = error.name === 'NotAllowedError' ? 'refused' : 'none'
      this.standing = 'idle'
    }
  }

  private begin(stream: MediaStream, type: string): void {
    const media = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_PER_S })
    const pieces: Blob[] = []
    let bytes = 0
    const began = performance.now()
    const ticking = setInterval(() => {
      this.seconds = Math.floor((performance.now() - began) / 1000)
      if (this.seconds >= VOICE_LIMIT_S) void this.stop()
    }, TICK_MS)
    media.ondataavailable = ({ data }) => {
      pieces.push(data)
      bytes += data.size
      if (bytes > LIMIT_BYTES - SPARE_BYTES) void this.stop()
    }
    this.ending = new Promise((resolve) => {
      // However it ends: by a finger, the clock, or a microphone that is pulled out or taken by a call.
      media.onstop = () => {
        const ms = performance.now() - began
        clearInterval(ticking)
        letGo(stream)
        void this.finish(new Blob(pieces, { type }), ms).then(resolve)
      }
    })
    this.media = media
    this.seconds = 0
    // By the second: so that it is known how much there is of it.
    media.start(1000)
    this.standing = 'recording'
  }

  private async finish(recorded: Blob, ms: number): Promise<void> {
    this.media = null
    if (this.isGone) return
    if (recorded.size === 0 || recorded.size > LIMIT_BYTES || ms < SHORTEST_MS) this.trouble = 'broken'
    else {
      const data = withDuration(new Uint8Array(await recorded.arrayBuffer()), ms)
      this.recorded = { data: new Blob([data], { type: recorded.type }), seconds: Math.min(VOICE_LIMIT_S, Math.max(1, Math.floor(ms / 1000))) }
    }
    this.standing = 'idle'
  }

  /** Ends a recording; resolves when what was recorded is there. */
  async stop(): Promise<void> {
    if (this.media?.state === 'recording') this.media.stop()
    await this.ending
  }

  remove(): void {
    this.recorded = null
  }

  /** The form is left: nobody listens any more. */
  leave(): void {
    this.isGone = true
    if (this.media?.state === 'recording') this.media.stop()
  }
}

function letGo(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}
