import { asked, givingUpAfter } from './olderBrowsers.ts'
import type { Problem } from './wire.ts'

/** An answer that was not 2xx, or none at all (`status` 0, code `offline`). */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly problem: Problem | null

  constructor(status: number, code: string, problem: Problem | null = null) {
    super(problem?.detail || problem?.title || code)
    this.status = status
    this.code = code
    this.problem = problem
  }
}

export type Query = Record<string, string | number | undefined>

/** A question that is on its way; `asked_at` is when it was asked, by this device's clock. */
export interface Sent {
  asked_at: number
  answer: Promise<Response>
}

export interface Asking {
  /** The request itself proves who asks: its 401 says that the proof is wrong, not that the session has ended. */
  isProof?: boolean
  /** Of a body that is a file or text, not JSON. */
  contentType?: string
  patience_ms?: number
  /** It is sent to its end though the page goes. */
  isLasting?: boolean
  /** It has been asked already. */
  sent?: Sent | undefined
}

const PATIENCE_MS = 15_000
const WANTS_PROOF = new Set(['step-up-needed', 'passkey-needed', 'second-factor-needed'])

/** The HTTP face of posko: by the cookie of the session, which no script sees. A Refusal for everything not 2xx. */
export class Api {
  /** Told when the session has ended (`not-signed-in`), or may do nothing before a factor is enrolled (`enrol-first`). */
  onTurnedAway: (code: string) => void = () => undefined
  /** Told of every answer; `asked_at` is when it was asked for, by this device's clock. */
  onAnswer: (answer: Response, asked_at: number) => void = () => undefined
  /** Asks the person to prove themselves once more; whether they did. */
  stepUp: () => Promise<boolean> = () => Promise.resolve(false)

  get<T>(path: string, query: Query = {}, sent?: Sent): Promise<T> {
    return this.ask<T>('GET', withQuery(path, query), undefined, { sent })
  }

  post<T>(path: string, body?: unknown, asking?: Asking): Promise<T> {
    return this.ask<T>('POST', path, body, asking)
  }

  put<T>(path: string, body?: unknown, asking?: Asking): Promise<T> {
    return this.ask<T>('PUT', path, body, asking)
  }

  delete<T = void>(path: string, asking?: Asking): Promise<T> {
    return this.ask<T>('DELETE', path, undefined, asking)
  }

  /** A file, whole. */
  async file(path: string): Promise<Blob> {
    const answer = await this.answer('GET', path, undefined, { patience_ms: 120_000 })
    return whole(() => answer.blob())
  }

  /** A file with the name that the server gives it. */
  async download(path: string): Promise<{ name: string; file: Blob }> {
    const answer = await this.answer('GET', path, undefined, { patience_ms: 120_000 })
    const name = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'posko'
    return { name, file: await whole(() => answer.blob()) }
  }

  private async ask<T>(method: string, path: string, body?: unknown, asking: Asking = {}): Promise<T> {
    const answer = await this.answer(method, path, body, asking)
    return (answer.status === 204 ? undefined : await whole(() => answer.json())) as T
  }

  /** The answer, after a step-up where the server wants one. */
  private async answer(method: string, path: string, body: unknown, asking: Asking): Promise<Response> {
    try {
      return await once(method, path, body, asking, this.onAnswer)
    } catch (error) {
      if (!(error instanceof Refusal) || asking.isProof) throw error
      if (WANTS_PROOF.has(error.code) && (await this.stepUp())) return once(method, path, body, asking, this.onAnswer)
      if (error.code === 'not-signed-in' || error.code === 'enrol-first') this.onTurnedAway(error.code)
      throw error
    }
  }
}

export function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter((pair): pair is [string, string | number] => pair[1] !== undefined && pair[1] !== '')
  return path + asked(new URLSearchParams(given.map(([name, value]) => [name, String(value)])))
}

async function once(method: string, path: string, body: unknown, asking: Asking, heard: Api['onAnswer']): Promise<Response> {
  const asked_at = asking.sent?.asked_at ?? Date.now()
  const answer = await arriving(asking.sent?.answer ?? send(path, method, body, asking))
  heard(answer, asked_at)
  if (answer.ok) return answer
  const problem = await problemOf(answer)
  throw new Refusal(answer.status, problem?.code ?? `http-${answer.status}`, problem)
}

/** Asks, as this page's own; rejects where no answer begins within the patience. */
export function send(path: string, method = 'GET', body?: unknown, asking: Asking = {}): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = asking.contentType ?? 'application/json'
  const said = body === undefined ? null : asking.contentType ? (body as BodyInit) : JSON.stringify(body)
  const signal = givingUpAfter(asking.patience_ms ?? PATIENCE_MS)
  return fetch(path, { method, headers, body: said, keepalive: asking.isLasting ?? false, credentials: 'same-origin', cache: 'no-store', signal })
}

async function arriving(sent: Promise<Response>): Promise<Response> {
  try {
    return await sent
  } catch {
    throw new Refusal(0, 'offline')
  }
}

/** The body of an answer. Cut off on its way, or not what was asked for (a hotspot's page): as good as no answer. */
async function whole<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch {
    throw new Refusal(0, 'offline')
  }
}

async function problemOf(answer: Response): Promise<Problem | null> {
  try {
    return (await answer.json()) as Problem
  } catch {
    return null
  }
}
