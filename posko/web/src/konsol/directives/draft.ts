/** A directive that is being written: what the form holds, and what would be sent of it. */

import { fromField } from '../../moments.ts'
import { hasNik } from '../../nik.ts'
import { lettersOver } from '../../page/lettersOver.ts'
import { offsetOf } from '../../places.ts'
import { type Audience, codesIn, type Kind, type Requires, unknownBlanks } from './directive.ts'

export type To = Audience['kind']

export interface Draft {
  /** Made once with the draft: sent again it is the same directive. */
  id: string
  kind: Kind
  requires: Requires
  text: string
  /** As the field holds it, by the clock of the desk that it is from. */
  deadline: string
  template: string | null
  to: To
  region: string
  level: number
  pasted: string
  /** Sent once without an answer: it may be there already. */
  isUnsure: boolean
}

export interface Desk {
  operation: number
  code: string
  incident: string | null
}

export const TEXT_LIMIT = 2_000

/** To whom a draft is; null while that is nobody. */
export function audienceOf(draft: Draft): Audience | null {
  if (draft.to === 'incident') return { kind: 'incident' }
  if (draft.to === 'tps') return { kind: 'tps', region: draft.region }
  if (draft.to === 'desks') return { kind: 'desks', region: draft.region, level: draft.level }
  const { codes } = codesIn(draft.pasted)
  return codes.length > 0 ? { kind: 'places', places: codes } : null
}

/** What is still missing before a draft can be sent, as `write.missing.*`. */
export function missingOf(draft: Draft, code: string, now_ms: number | null): ('text' | 'long' | 'nik' | 'blanks' | 'deadline' | 'past' | 'to')[] {
  const deadline = fromField(draft.deadline, offsetOf(code))
  const isPast = deadline !== null && now_ms !== null && Date.parse(deadline) <= now_ms
  return [
    ...(audienceOf(draft) === null ? (['to'] as const) : []),
    ...(draft.text.trim() === '' ? (['text'] as const) : []),
    ...(lettersOver(draft.text, TEXT_LIMIT) > 0 ? (['long'] as const) : []),
    ...(hasNik(draft.text) ? (['nik'] as const) : []),
    ...(unknownBlanks(draft.text).length > 0 ? (['blanks'] as const) : []),
    ...(deadline === null ? (['deadline'] as const) : isPast ? (['past'] as const) : []),
  ]
}

/** What is sent of a draft that misses nothing. */
export function bodyOf(draft: Draft, desk: Desk): Record<string, unknown> {
  return {
    operation: desk.operation,
    from: desk.code,
    kind: draft.kind,
    requires: draft.requires,
    text: draft.text.trim(),
    deadline: fromField(draft.deadline, offsetOf(desk.code)),
    to: audienceOf(draft),
    ...(desk.incident === null ? {} : { incident: desk.incident }),
    ...(draft.template === null ? {} : { template: draft.template }),
  }
}

/** A draft as this browser kept it; null where it is none, or of another shape. */
export function readDraft(kept: string | null): Draft | null {
  if (kept === null) return null
  try {
    const found = JSON.parse(kept) as Partial<Draft>
    const isWhole = typeof found.id === 'string' && typeof found.text === 'string' && typeof found.pasted === 'string' && typeof found.region === 'string'
    return isWhole ? (found as Draft) : null
  } catch {
    return null
  }
}
