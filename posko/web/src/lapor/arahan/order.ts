import type { Received } from '../due.ts'

/** What may be said to a directive as it stands, in the order in which it is offered. */
export type Act = 'acceptance' | 'completion' | 'answer' | 'refusal'

const MOVES: Readonly<Record<Received['requires'], readonly Act[]>> = {
  baca: [],
  terima: ['acceptance', 'refusal'],
  laksanakan: ['completion', 'acceptance', 'refusal'],
  jawab: ['answer', 'acceptance', 'refusal'],
}

/** As the server allows it (posko.directive_move): what is accepted can still be done, answered or refused. */
export function actsOf(directive: Pick<Received, 'requires' | 'state' | 'withdrawn_at'>): Act[] {
  const { requires, state, withdrawn_at } = directive
  if (withdrawn_at !== null || !['terkirim', 'dibaca', 'diterima'].includes(state)) return []
  const isAccepted = state === 'diterima'
  if (isAccepted && requires === 'terima') return []
  return MOVES[requires].filter((act) => !isAccepted || act !== 'acceptance')
}

/** Unread first, then what wants an answer by its deadline, then the rest, the last issued first. */
export function inOrder(directives: readonly Received[]): Received[] {
  const rank = (row: Received): number => (row.withdrawn_at !== null ? 2 : row.state === 'terkirim' ? 0 : row.is_open ? 1 : 2)
  return [...directives].sort((a, b) => rank(a) - rank(b) || (rank(a) === 2 ? b.number - a.number : Date.parse(a.deadline) - Date.parse(b.deadline)))
}
