import type { Problem } from '../../wire.ts'
import type { Received } from '../due.ts'
import { type Answer, LATER, verdictOf } from './answer.ts'
import type { Standing } from './item.ts'

/** What a place says to a directive, as the address of it has it; `receipt`: it was read. */
export type Saying = 'receipt' | 'acceptance' | 'completion' | 'answer' | 'refusal'

/** Something that was said to a directive on this phone. Saying it again is the same (posko/directives/acts.py): it may be sent twice. */
export interface KeptAct {
  order: number
  account: number
  directive: string
  place: string
  act: Saying
  /** The JSON that is sent. */
  body: string
  standing: Standing
  tries: number
  /** When the server took it, milliseconds since 1970 by this phone's clock. */
  done_at: number | null
  refusal: Problem | null
}

export type FreshAct = Omit<KeptAct, 'order'>

const BECOMES = { receipt: 'dibaca', acceptance: 'diterima', completion: 'dilaksanakan', answer: 'dijawab', refusal: 'ditolak' } as const
/** What is said when nothing more is wanted. */
const ENOUGH: Readonly<Record<Received['requires'], Saying | null>> = { baca: 'receipt', terima: 'acceptance', laksanakan: null, jawab: null }

/** Whether the server has no word on it yet. */
export function isUnsaid({ standing }: Pick<KeptAct, 'standing'>): boolean {
  return standing === 'antre' || standing === 'terkirim'
}

/** The directives of a place as they stand with what was said here since they were fetched. */
export function withActs(rows: readonly Received[], acts: readonly KeptAct[], place: string | null, fetched_at: number): Received[] {
  return rows.map((row) => {
    const said = acts.filter((act) => act.directive === row.id && act.place === place && (isUnsaid(act) || (act.standing === 'diterima' && (act.done_at ?? 0) >= fetched_at)))
    return row.withdrawn_at === null ? [...said].sort((a, b) => a.order - b.order).reduce(after, row) : row
  })
}

function after(row: Received, { act }: KeptAct): Received {
  if (act === 'receipt' && row.state !== 'terkirim') return row
  const isOver = (act !== 'receipt' && act !== 'acceptance') || ENOUGH[row.requires] === act
  return { ...row, state: BECOMES[act], is_open: row.is_open && !isOver }
}

/** What an answer makes of it; `answer` null: it was taken. */
export function actAnswered(act: KeptAct, answer: Answer | null, now: number): KeptAct {
  if (answer === null) return { ...act, standing: 'diterima', done_at: now, refusal: null }
  // What was withdrawn or answered by another meanwhile takes no more; a receipt that is refused tells nobody anything.
  const isFinal = answer.kind === 'whole' && answer.status >= 400 && answer.status < 500 && !LATER.has(answer.status) && verdictOf(answer, 1) !== 'sign_in'
  if (isFinal) return { ...act, standing: 'ditolak', done_at: act.act === 'receipt' ? now : null, refusal: answer.problem }
  return { ...act, standing: 'antre' }
}
