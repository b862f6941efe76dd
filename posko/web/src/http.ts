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

const PATIENCE_MS = 15_000

/** The HTTP face of posko; throws a Refusal for everything that is not 2xx. */
export class Api {
  token: string | null = null
  /** Told once per answer 401 to a signed request. */
  onSignedOut: () => void = () => undefined

  get<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
    const given = Object.entries(query).filter((pair): pair is [string, string | number] => pair[1] !== undefined)
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
    return this.ask<T>('GET', search.size > 0 ? `${path}?${search}` : path)
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.ask<T>('POST', path, body)
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.ask<T>('PUT', path, body)
  }

  delete(path: string): Promise<void> {
    return this.ask<void>('DELETE', path)
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (this.token) headers.authorization = `Bearer ${this.token}`
    if (body !== undefined) headers['content-type'] = 'application/json'
    const sent = this.token
    const answer = await reach(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
    if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T
    if (answer.status === 401 && sent !== null && sent === this.token) this.onSignedOut()
    const problem = await problemOf(answer)
    throw new Refusal(answer.status, problem?.code ?? `http-${answer.status}`, problem)
  }
}

async function reach(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...request, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) })
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
