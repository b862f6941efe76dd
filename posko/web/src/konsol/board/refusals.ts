/** Why something was not done, and what to do now, in the words of whoever wanted it. */

import type { Seat } from '../../accounts.ts'
import type { Refusal } from '../../http.ts'
import { sayingOf } from '../../problems.ts'
import type { Words } from '../../words.ts'
import { type Entry, type Incident, gravityOf, rankOf } from './incident.ts'
import { type Action, actionsFor, isAbove, isResting } from './moves.ts'
import { sentenceOf } from './saying.ts'

export interface Tried {
  action: Action | 'answer' | 'watch'
  /** As it was when somebody decided. */
  seen: Incident
  /** As it is now, where that could be read. */
  now: Incident | null
  /** What was done about it last. */
  last: Entry | null
  /** Merged into that one. */
  other?: Incident | null
  seat: Seat | null
}

export function whyNot(words: Words, refusal: Refusal, tried: Tried): string {
  const rule = refusal.problem?.errors?.[0]?.rule
  if (rule && words.has(`board.rule.${rule}`)) return words.say(`board.rule.${rule}`)
  if (refusal.status === 0) return words.say('board.why.offline')
  if (refusal.code === 'second-person-needed') return words.say('board.why.second')
  if (refusal.status === 403) return words.say(tried.action === 'answer' ? 'board.why.addressee' : 'board.why.role')
  if (refusal.status === 404) return words.say('board.why.gone')
  if (refusal.code === 'operation-not-active') return words.say('board.why.closed')
  if (refusal.status !== 409) return sayingOf(words, refusal)
  return whyNotNow(words, refusal, tried)
}

function whyNotNow(words: Words, refusal: Refusal, tried: Tried): string {
  const { action, seen, now, last, other, seat } = tried
  if (now && action !== 'answer' && action !== 'watch') {
    if (now.version !== seen.version && last && !actionsFor(seat, now).includes(action)) {
      const what = sentenceOf(words, last, { placeOf: (code) => code, place: now.place })
      return words.say('board.why.meanwhile', { what, status: words.say(`status.${now.status}`) })
    }
    if (isAbove(seat, now)) return words.say('board.why.above', { tier: words.say(`board.tier.${now.tier}`) })
    if (action === 'merge' && other && rankOf(gravityOf(now)) < rankOf(other.severity)) return words.say('board.why.graver', { number: String(other.number) })
    if (action === 'snooze' && isResting(now)) return words.say('board.why.resting')
    if (words.has(`board.why.${action}`)) return words.say(`board.why.${action}`)
  }
  return `${words.say('problem.conflict')} (${refusal.problem?.detail ?? refusal.code})`
}
