import type { Session } from '../accounts.ts'
import type { Operation, OperationDetail, Tps } from '../records.ts'
import type { Owed, Received } from './due.ts'
import type { Known } from './memory.ts'

/** A TPS to choose from. */
export interface Choice {
  code: string
  name: string
  parent_name: string | null
}

/** What the server says of the field (`GET /v1/field`), part by part. */
export interface Parts {
  session: Session
  /** To choose from: those under way first, each the newest first. */
  operations: Operation[]
  /** The operation that is worked on. */
  detail: OperationDetail
  /** The TPS of the seat, at most 500; who has more types the code. */
  choices: Choice[]
  tps: Tps
  owed: Owed
  directives: Received[]
}

export type Part = keyof Parts

/** The operation and the TPS that are worked on. */
export interface At {
  operation?: number | undefined
  place?: string | undefined
}

/** The operation's clock as it was told: `at` there when it was `now_ms` here (corrected), and how fast it goes. */
export interface OperationClock {
  at: string
  speed: number
  now_ms: number
}

/** What is known of each part; null where there is none. */
export type Held = { readonly [P in Part]: Known<Parts[P]> | null }
/** What is known of a TPS. */
export type OfPlace = Pick<Held, (typeof OF_PLACE)[number]>

/** A part that has a mark and is not here is as it was when it bore that mark. */
export interface Answer extends Partial<Parts> {
  marks: Partial<Record<Part, string>>
  operation?: number
  place?: string
  /** Of a drill. */
  clock?: { at: string; speed: number }
}

export const OF_PLACE = ['tps', 'owed', 'directives'] as const
export const PARTS: readonly Part[] = ['session', 'operations', 'detail', 'choices', ...OF_PLACE]
export const NOTHING: Held = { session: null, operations: null, detail: null, choices: null, tps: null, owed: null, directives: null }

/** What is known after an answer to what was asked then; null: what was left out is not here. */
export function together(held: Held, { marks, ...said }: Answer, asked_at: number): Held | null {
  const told = PARTS.map((part): [Part, Known<unknown> | null | undefined] => {
    const mark = marks[part]
    if (mark === undefined) return [part, null]
    const value = said[part] ?? (held[part]?.mark === mark ? held[part].value : undefined)
    return [part, value && { value, fetched_at: asked_at, mark }]
  })
  return told.some(([, known]) => known === undefined) ? null : (Object.fromEntries(told) as unknown as Held)
}
