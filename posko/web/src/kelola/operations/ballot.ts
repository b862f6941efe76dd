import type { Contest, Paslon } from '../../records.ts'

export const KINDS = ['gubernur', 'bupati_walikota'] as const

/** A choice on the ballot as a form holds it; `id` is of the form alone. */
export interface Choice {
  id: number
  number: number | null
  name: string
}

/** A contest as a form holds it. */
export interface Ballot {
  id: number
  kind: string
  region_code: string
  choices: Choice[]
}

let last = 0
const nextId = (): number => (last += 1)

export function choiceOf(number: number | null, name = ''): Choice {
  return { id: nextId(), number, name }
}

export function ballotOf({ kind, region_code, paslon }: Pick<Contest, 'kind' | 'region_code' | 'paslon'>): Ballot {
  return { id: nextId(), kind, region_code, choices: paslon.map(({ number, name }) => choiceOf(number, name)) }
}

/** An empty contest of an operation: of its provinsi, or of its kabupaten or kota, where that can only be one. */
export function emptyBallot(kind: string, root: string): Ballot {
  const length = kind === 'gubernur' ? 2 : 5
  const region_code = root !== 'ID' && root.length >= length ? root.slice(0, length) : ''
  return { id: nextId(), kind, region_code, choices: [choiceOf(1), choiceOf(2)] }
}

/** The kotak kosong is told by its name, as on the ballot paper. */
export function isEmptyBox(name: string): boolean {
  return /^\s*(kotak|kolom)\s+kosong/i.test(name)
}

/** What is sent. */
export function saidOf(ballots: readonly Ballot[]): { contests: { kind: string; region_code: string; paslon: Paslon[] }[] } {
  return {
    contests: ballots.map(({ kind, region_code, choices }) => ({
      kind,
      region_code: region_code.trim(),
      paslon: choices.map(({ number, name }) => ({ number: number ?? 0, name: name.trim(), is_empty_box: isEmptyBox(name) })),
    })),
  }
}

/** Why the server would refuse a contest: a key of the catalogue; null when it would not, as far as a page can tell. */
export function faultOf(ballot: Ballot, all: readonly Ballot[]): string | null {
  const code = ballot.region_code.trim()
  if (!(ballot.kind === 'gubernur' ? /^\d{2}$/ : /^\d{2}\.\d{2}$/).test(code)) return 'region-of-kind'
  if (all.some((other) => other.id !== ballot.id && other.kind === ballot.kind && other.region_code.trim() === code)) return 'contest-twice'
  if (ballot.choices.length === 0) return 'paslon-none'
  const numbers = ballot.choices.map(({ number }) => number)
  if (numbers.some((number) => number === null || !Number.isInteger(number) || number < 1 || number > 20)) return 'number-range'
  if (new Set(numbers).size < numbers.length) return 'number-twice'
  if (ballot.choices.filter(({ name }) => isEmptyBox(name)).length > 1) return 'empty-box-twice'
  return ballot.choices.every(({ name }) => name.trim()) ? null : 'name-missing'
}
