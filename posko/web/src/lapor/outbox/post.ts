import { givingUpAfter } from '../../olderBrowsers.ts'
import type { Problem } from '../../wire.ts'
import type { KeptAct } from './act.ts'
import { type Answer, askedFor, isProblem, readAnswer } from './answer.ts'
import { measured, type Skew } from './clock.ts'
import type { Film } from './database.ts'
import type { Kept } from './kept.ts'

/** The server's time for a body is 10 s, and its group commit may take a while under load. */
const REPORTS_MS = 30_000
/** As long as the server waits for a photo, and no longer. */
const PHOTO_MS = 120_000

/** What came of a request, and what it said of the server's clock. */
export interface Reply<T> {
  said: T
  skew: Skew | null
}

export interface PhotoReply {
  /** 0: no answer. */
  status: number
  problem: Problem | null
  asked_s: number
}

/**
 * Sends reports, in their order, the bytes that were frozen. `posko-account` says whose they are: the cookie may have
 * become somebody else's a moment ago, in another tab, and the server then takes none.
 */
export async function sendReports(items: readonly Kept[], account: number): Promise<Reply<Answer>> {
  const body = `[${items.map((item) => item.body).join(',')}]`
  const ids = items.map(({ id }) => id)
  const got = await reach('/v1/reports', 'POST', body, 'application/json', account, givingUpAfter(REPORTS_MS))
  if (got === null) return { said: { kind: 'none' }, skew: null }
  return { said: readAnswer(got.status, got.text, ids, got.retryAfter), skew: got.skew }
}

/** Says something to a directive; null: it was taken. */
export async function sendAct({ directive, place, act, body }: KeptAct, account: number): Promise<Reply<Answer | null>> {
  const got = await reach(`/v1/directives/${directive}/targets/${place}/${act}`, 'PUT', body, 'application/json', account, givingUpAfter(REPORTS_MS))
  if (got === null) return { said: { kind: 'none' }, skew: null }
  return { said: got.status === 200 && isTaken(got.text) ? null : readAnswer(got.status === 200 ? 0 : got.status, got.text, [], got.retryAfter), skew: got.skew }
}

/** Whether our server says how the directive stands, and not a hotspot's page. */
function isTaken(text: string): boolean {
  try {
    return typeof (JSON.parse(text) as { state?: unknown } | null)?.state === 'string'
  } catch {
    return false
  }
}

/** Sends a photo or the voice note that a report promised; given up when `signal` says that a report wants the line. */
export async function sendPhoto(film: Film, isVoice: boolean, account: number, signal: AbortSignal): Promise<Reply<PhotoReply>> {
  const either = new AbortController()
  const give = (): void => either.abort()
  const timer = setTimeout(give, PHOTO_MS)
  signal.addEventListener('abort', give, { once: true })
  if (signal.aborted) give()
  const got = await reach(`/v1/reports/${film.id}/${isVoice ? 'voice' : `photos/${film.sha256}`}`, 'PUT', film.data, film.type, account, either.signal)
  clearTimeout(timer)
  signal.removeEventListener('abort', give)
  if (got === null) return { said: { status: 0, problem: null, asked_s: 0 }, skew: null }
  return { said: photoReply(got, film.sha256), skew: got.skew }
}

function photoReply(got: Got, sha256: string): PhotoReply {
  let said: unknown = null
  try {
    said = JSON.parse(got.text)
  } catch {
    return { status: 0, problem: null, asked_s: 0 }
  }
  const problem = isProblem(said) ? said : null
  const isKept = problem === null && (said as { sha256?: unknown } | null)?.sha256 === sha256
  return { status: problem || isKept ? got.status : 0, problem, asked_s: askedFor(problem, got.retryAfter) }
}

interface Got {
  status: number
  text: string
  retryAfter: string | null
  skew: Skew | null
}

async function reach(path: string, method: string, body: BodyInit, type: string, account: number, signal: AbortSignal): Promise<Got | null> {
  const asked_at = Date.now()
  const headers = { accept: 'application/json', 'content-type': type, 'posko-account': String(account) }
  try {
    const answer = await fetch(path, { method, body, headers, signal, credentials: 'same-origin', cache: 'no-store', redirect: 'error' })
    const skew = measured(asked_at, Date.now(), answer.headers.get('date'))
    return { status: answer.status, text: await answer.text(), retryAfter: answer.headers.get('retry-after'), skew }
  } catch {
    return null
  }
}
