import type { Problem } from '../../wire.ts'
import type { Received } from '../due.ts'
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
  /** It alone failed, and waits until then by itself, milliseconds since 1970 by this phone's clock; null: it goes with the others. */
  next_at: number | null
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

/**
 * What may be said next, the oldest first. To a directive at a place one thing is said after the other, as the later rests on
 * the earlier (but on no receipt); what is said to others waits for none of it.
 */
export function nextActs(acts: readonly KeptAct[]): KeptAct[] {
  const unsaid = acts.filter(isUnsaid)
  return unsaid.filter(({ directive, place }, n) => !unsaid.slice(0, n).some((earlier) => earlier.act !== 'receipt' && earlier.directive === directive && earlier.place === place))
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
