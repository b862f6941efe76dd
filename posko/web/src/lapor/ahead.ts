import { type Query, type Sent, send, withQuery } from '../http.ts'

/** The first question of the page, sent while the page itself is still on its way: on one bar of signal that saves a round. */
export interface Ahead extends Sent {
  query: Query
}

export const FIELD = '/v1/field'
/** It shares the line with the page's own files. */
const PATIENCE_MS = 45_000
/** Where the last question is noted: it is to be sent again before anything else of this phone can be read. */
const QUESTION = 'posko.lapor.question'

declare global {
  /** Two scripts of one page, which share nothing else. */
  var poskoAhead: Ahead | undefined
}

function noted(): Query {
  try {
    return (JSON.parse(localStorage.getItem(QUESTION) ?? '{}') as Query | null) ?? {}
  } catch {
    return {}
  }
}

export function noteQuestion(query: Query): void {
  localStorage.setItem(QUESTION, JSON.stringify(query))
}

/** A phone in a pocket asks nothing. */
export function askAhead(): void {
  if (document.visibilityState === 'hidden') return
  const query = noted()
  // Read at once: the patience is for all of it, and the page that waits for it may be long in coming.
  const answer = send(withQuery(FIELD, query), 'GET', undefined, { patience_ms: PATIENCE_MS }).then(async (said) => new Response(await said.arrayBuffer(), said))
  answer.catch(() => undefined) // its failure counts where it is waited for
  globalThis.poskoAhead = { query, asked_at: Date.now(), answer }
}

/** What was asked before the page was there, once; where nothing was, it is asked now. */
export function takeAhead(): Ahead | null {
  if (!globalThis.poskoAhead) askAhead()
  const ahead = globalThis.poskoAhead ?? null
  globalThis.poskoAhead = undefined
  return ahead
}
