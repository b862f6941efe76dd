import type { Problem } from '../../wire.ts'
import type { KeptAct } from './act.ts'
import type { Kept, KeptPhoto } from './kept.ts'
import { waitAfter } from './queue.ts'

/** The answer to one report of a batch. */
export interface ItemAnswer {
  id: string | null
  status: number
  outcome: 'accepted' | 'duplicate' | 'refused'
  version?: number | null
  received_at?: string
  flags?: string[]
  problem?: Problem
}

/** What came back: an answer to each; one to all, which is a no; or nothing that our server has said. */
export type Answer =
  | { kind: 'each'; answers: ItemAnswer[] }
  | { kind: 'whole'; status: number; problem: Problem; asked_s: number }
  | { kind: 'none' }

/** What an answer means for the sending. */
export type Verdict = 'taken' | 'sign_in' | 'narrower' | 'refuse' | 'broken' | 'later'

/** No for now. */
export const LATER: ReadonlySet<number> = new Set([401, 408, 425, 429])

/**
 * Reads an answer. Believed is only what can be from our server: the page of a hotspot that wants a login answers 200,
 * too, and an item that is shown as accepted must have been.
 */
export function readAnswer(status: number, text: string, ids: readonly string[], retryAfter: string | null): Answer {
  const said = parsed(text)
  if (status === 200) return isEach(said, ids) ? { kind: 'each', answers: said } : { kind: 'none' }
  if (!isProblem(said)) return { kind: 'none' }
  return { kind: 'whole', status, problem: said, asked_s: askedFor(said, retryAfter) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isEach(said: unknown, ids: readonly string[]): said is ItemAnswer[] {
  return Array.isArray(said) && said.length === ids.length && said.every((one: Partial<ItemAnswer> | null, index) => one?.id === ids[index] && typeof one?.status === 'number')
}

export function isProblem(said: unknown): said is Problem {
  return typeof said === 'object' && said !== null && typeof (said as Problem).code === 'string' && typeof (said as Problem).status === 'number'
}

/** Seconds of quiet that were asked for. */
export function askedFor(problem: Problem | null, retryAfter: string | null): number {
  const header = Number(retryAfter ?? Number.NaN)
  return Math.max(0, Number.isFinite(header) ? header : 0, problem?.retry_after_s ?? 0)
}

/** What an answer to all says about all; `count` of them were sent. */
export function verdictOf(answer: Answer, count: number): Verdict {
  if (answer.kind === 'each') return 'taken'
  if (answer.kind === 'none') return 'later'
  const { status, problem } = answer
  if (status === 401 || problem.code === 'enrol-first') return 'sign_in'
  // The whole cannot be read: some one of it is to blame, and halving finds it.
  if (status === 400 || status === 413 || status === 422) return count > 1 ? 'narrower' : 'refuse'
  // A server that is busy says for how long, and then all wait; one that breaks at this is asked for the rest.
  return status >= 500 && answer.asked_s === 0 ? 'broken' : 'later'
}

/** An item after its own answer. */
export function answered(item: Kept, answer: ItemAnswer, now: number, random: number): Kept {
  if ((answer.status === 200 || answer.status === 201) && answer.received_at !== undefined) {
    const receipt = { id: item.id, version: answer.version ?? null, received_at: answer.received_at, flags: answer.flags ?? [] }
    return { ...item, standing: 'diterima', next_at: null, receipt, refusal: null }
  }
  if (answer.status >= 400 && answer.status < 500 && !LATER.has(answer.status) && answer.problem) return refused(item, answer.problem)
  return { ...item, standing: 'antre', next_at: now + (answer.problem?.retry_after_s ?? 0) * 1000 + waitAfter(item.tries, random), refusal: answer.problem ?? null }
}

/**
 * One of `size` that the server broke at: all of them wait by themselves, and the others go on. The first time they go once
 * more as they are; from then on half as many, until one is alone that breaks it: that one goes with no other any more.
 */
export function broken(item: Kept, size: number, problem: Problem, next_at: number): Kept {
  const most = item.most === undefined && size > 1 ? size : Math.floor(size / 2)
  return { ...item, standing: 'antre', next_at, refusal: problem, most }
}

export function refused(item: Kept, problem: Problem): Kept {
  return { ...item, standing: 'ditolak', next_at: null, refusal: problem }
}

/** What was said to a directive, after a try; `answer` null: it was taken. */
export function actAnswered(act: KeptAct, answer: Answer | null, now: number, random: number): KeptAct {
  if (answer === null) return { ...act, standing: 'diterima', done_at: now, refusal: null }
  // What was withdrawn or answered by another meanwhile takes no more; a receipt that is refused tells nobody anything.
  const isFinal = answer.kind === 'whole' && answer.status >= 400 && answer.status < 500 && !LATER.has(answer.status) && verdictOf(answer, 1) !== 'sign_in'
  if (isFinal) return { ...act, standing: 'ditolak', done_at: act.act === 'receipt' ? now : null, refusal: answer.problem }
  return { ...act, standing: 'antre', next_at: verdictOf(answer, 1) === 'broken' ? now + waitAfter(act.tries, random) : null }
}

/** A photo after a try: status 0 is no answer. What is refused for good is given up, as PROTOCOL.md says. */
export function photoAnswered(photo: KeptPhoto, status: number, problem: Problem | null, asked_s: number, now: number, random: number): KeptPhoto {
  const tries = photo.tries + 1
  if (status === 200 || status === 201) return { ...photo, tries, standing: 'terkirim', why: null }
  if (status >= 400 && status < 500 && !LATER.has(status) && problem) return { ...photo, tries, standing: 'ditolak', why: problem.code }
  return { ...photo, tries, next_at: now + asked_s * 1000 + waitAfter(tries, random) }
}
