/** Directives as HTTP answers with them, and what follows from one. */

import type { Refusal } from '../../http.ts'
import { offsetOf, zoneOf } from '../../places.ts'
import type { Filters } from '../../routes.ts'
import { Words } from '../../words.ts'

export const KINDS = ['perintah', 'saran', 'informasi'] as const
export type Kind = (typeof KINDS)[number]
export const REQUIRES = ['baca', 'terima', 'laksanakan', 'jawab'] as const
export type Requires = (typeof REQUIRES)[number]
export type TargetState = 'terkirim' | 'dibaca' | 'diterima' | 'ditolak' | 'dilaksanakan' | 'dijawab' | 'ditarik'

export type Audience =
  | { kind: 'desks'; region: string; level: number }
  | { kind: 'tps'; region: string }
  | { kind: 'places'; places: string[] }
  | { kind: 'incident' }

/** Places: `sent` = `unanswered` + `refused` + `done`; `read` and `accepted` are among `sent`, `overdue` among `unanswered`. */
export interface Counts {
  targets: number
  sent: number
  unanswered: number
  read: number
  accepted: number
  refused: number
  done: number
  overdue: number
}

export interface Directive {
  id: string
  operation: number
  number: number
  from: string
  from_name: string
  kind: Kind
  requires: Requires
  text: string
  deadline: string
  /** Null where only a part of it is seen. */
  to: Audience | null
  incident: string | null
  author: string
  issued_at: string
  state: 'sending' | 'sent' | 'withdrawing' | 'withdrawn'
  withdrawn_at: string | null
  withdrawn_by: string | null
  withdrawn_why: string | null
  version: number
  counts: Counts
}

export interface Compliance {
  code: string
  name: string
  level: number
  counts: Counts
}

export interface Detail {
  directive: Directive
  region: string
  compliance: Compliance[]
}

export interface Move {
  action: Action
  state: TargetState
  at: string
  by: string
  said: string | null
  proof: string | null
  report: string | null
}

export interface Target {
  place: string
  name: string
  /** Of the region that it lies in. */
  parent_name: string | null
  level: number
  state: TargetState
  is_open: boolean
  overdue_at: string | null
  changed_at: string
  moves: Move[]
  /** When the TPS last reported anything, if that was since the directive. */
  reported_at: string | null
}

/** A directive as one place reads it: its text filled in, its state its own. */
export interface Received extends Pick<Directive, 'id' | 'number' | 'from' | 'from_name' | 'kind' | 'requires' | 'text' | 'deadline' | 'author' | 'issued_at' | 'withdrawn_at' | 'withdrawn_why'> {
  state: TargetState
  is_open: boolean
  overdue_at: string | null
  changed_at: string
}

export interface Template {
  code: string
  kind: Kind
  requires: Requires
  text: string
}

export interface AudienceSize {
  targets: number
  limit: number
  first: { place: string; name: string }[]
}

export type Action = 'receipt' | 'acceptance' | 'refusal' | 'completion' | 'answer'

const MOVES: Record<Requires, Partial<Record<TargetState, Action[]>>> = {
  baca: { terkirim: ['receipt'] },
  terima: { terkirim: ['acceptance', 'receipt', 'refusal'], dibaca: ['acceptance', 'refusal'] },
  laksanakan: {
    terkirim: ['completion', 'acceptance', 'receipt', 'refusal'],
    dibaca: ['completion', 'acceptance', 'refusal'],
    diterima: ['completion', 'refusal'],
  },
  jawab: { terkirim: ['answer', 'acceptance', 'receipt', 'refusal'], dibaca: ['answer', 'acceptance', 'refusal'], diterima: ['answer', 'refusal'] },
}

/** What a place may say to a directive now: what ends it first. */
export function movesOf(received: Pick<Received, 'requires' | 'state' | 'withdrawn_at'>): Action[] {
  return received.withdrawn_at === null ? (MOVES[received.requires][received.state] ?? []) : []
}

/** What a text may leave open, in either language. */
const BLANKS: Readonly<Partial<Record<string, 'place' | 'deadline'>>> = { place: 'place', tempat: 'place', deadline: 'deadline', tenggat: 'deadline' }
/** In whose words a directive's text is filled in, whoever looks at it. */
const INDONESIAN = new Words('id', {})

/** What a text may leave open, as its writer calls it. */
export function blanksIn(words: Words): { place: string; deadline: string } {
  return words.language === 'id' ? { place: 'tempat', deadline: 'tenggat' } : { place: 'place', deadline: 'deadline' }
}

/** A text as a choice among others. */
export function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79).trimEnd()}…` : text
}

/** A ready text with its blanks as its writer calls them: those that come with posko are named in English. */
export function readyIn(words: Words, text: string): string {
  const { place, deadline } = blanksIn(words)
  return text.replaceAll('{place}', `{${place}}`).replaceAll('{deadline}', `{${deadline}}`)
}

/** The codes that are not there, or not below the desk. */
export function beyondIn(refusal: Refusal): string {
  return refusal.problem?.errors?.find(({ rule }) => rule === 'place-below')?.codes?.join(', ') ?? ''
}

/** What a text says to one place, as the server fills it in. */
export function filledIn(text: string, place: { place: string; name: string }, deadline_ms: number): string {
  const time = INDONESIAN.clock(new Date(deadline_ms).toISOString(), offsetOf(place.place), 'day')
  const given = { place: place.name, deadline: `${time} ${zoneOf(place.place)}` }
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const blank = BLANKS[name]
    return blank === undefined ? whole : given[blank]
  })
}

/** A text as whoever sent it reads it: what each place reads of itself is only named, the deadline is by the clock of the region. */
export function textFor(words: Words, directive: Pick<Directive, 'text' | 'deadline'>, code: string): string {
  return filledIn(directive.text, { place: code, name: words.say('directives.place') }, Date.parse(directive.deadline))
}

/** What stands in braces in a text and is nothing that a place fills in. */
export function unknownBlanks(text: string): string[] {
  return [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? '').filter((name) => BLANKS[name] === undefined)
}

/** Codes in what somebody pasted, each once: apart by anything that is no part of a code; a TPS may be written with a slash. */
export function codesIn(pasted: string): { codes: string[]; odd: string[] } {
  const words = pasted.split(/[\s,;|"']+/).filter(Boolean).map((word) => word.replace('/', '.').replace(/\.$/, ''))
  const isCode = (word: string): boolean => /^\d\d(\.\d\d(\.\d\d(\.\d{4}(\.(\d\d|\d{3}|\d\d\.\d{3}))?)?)?)?$/.test(word)
  return { codes: [...new Set(words.filter(isCode))], odd: [...new Set(words.filter((word) => !isCode(word)))] }
}

/** A number of a directive, and the list of exactly the places that it counts. */
export interface Numbered {
  name: 'sent' | 'done' | 'unanswered' | 'overdue' | 'refused' | 'accepted' | 'read'
  value: number
  leads: Shown
}

const DONE: Record<Requires, Shown> = { baca: 'dibaca', terima: 'diterima', laksanakan: 'dilaksanakan', jawab: 'dijawab' }

/** The numbers of a directive by where its places are now: `accepted` and `read` are those who have come no further. */
export function numbersOf(counts: Counts, requires: Requires): Numbered[] {
  const isBefore = requires !== 'baca'
  const numbers: Numbered[] = [
    { name: 'sent', value: counts.sent, leads: 'semua' },
    { name: 'done', value: counts.done, leads: DONE[requires] },
    { name: 'unanswered', value: counts.unanswered, leads: 'unanswered' },
    { name: 'overdue', value: counts.overdue, leads: 'overdue' },
    { name: 'refused', value: counts.refused, leads: 'ditolak' },
    { name: 'accepted', value: isBefore ? counts.accepted - counts.done : 0, leads: 'diterima' },
    { name: 'read', value: isBefore ? counts.read - counts.accepted - counts.refused : 0, leads: 'dibaca' },
  ]
  return numbers.filter(({ name, value }) => value > 0 || name === 'sent' || name === 'done' || name === 'unanswered')
}

/** The parts of a bar, of all that was sent: refused, done; the overdue among those who have not answered, the others who have read it. */
export function partsOf(counts: Counts): { name: 'done' | 'refused' | 'read' | 'overdue'; share: number }[] {
  const whole = counts.sent || 1
  const answered = counts.done + counts.refused
  const overdue = Math.min(counts.overdue, counts.unanswered)
  // Whoever has answered has read it.
  const read = Math.max(0, Math.min(counts.read - answered, counts.unanswered - overdue))
  const parts = { done: counts.done, refused: counts.refused, read, overdue }
  return (Object.keys(parts) as (keyof typeof parts)[]).map((name) => ({ name, share: (parts[name] / whole) * 100 }))
}

export const SORTS = ['code', 'sent', 'unanswered', 'overdue', 'refused', 'done'] as const
export type Sort = (typeof SORTS)[number]

/** Child regions in order; by a number the largest first, equal ones by code. */
export function sorted(rows: readonly Compliance[], by: Sort): Compliance[] {
  const order = (a: Compliance, b: Compliance): number => (a.code < b.code ? -1 : 1)
  return [...rows].sort((a, b) => (by === 'code' ? 0 : b.counts[by] - a.counts[by]) || order(a, b))
}

export const SHOWN = ['terbuka', 'lewat', 'semua'] as const
export interface Wanted {
  shown: (typeof SHOWN)[number]
  kind: Kind | null
}

export function wantedOf(filters: Filters): Wanted {
  return { shown: SHOWN.find((one) => one === filters['tampil']) ?? 'terbuka', kind: KINDS.find((kind) => kind === filters['jenis']) ?? null }
}

export function filtersOf(wanted: Wanted): Filters {
  return { tampil: wanted.shown === 'terbuka' ? '' : wanted.shown, jenis: wanted.kind ?? '' }
}

export const TARGETS = ['unanswered', 'overdue', 'ditolak', 'dibaca', 'diterima', 'dilaksanakan', 'dijawab', 'semua'] as const
export type Shown = (typeof TARGETS)[number]

/** Of which places of a directive, and where, an address asks. */
export function targetsOf(filters: Filters, code: string): { shown: Shown; at: string } {
  const at = filters['di']
  return { shown: TARGETS.find((one) => one === filters['sasaran']) ?? 'unanswered', at: at !== undefined && (at === code || code === 'ID' || at.startsWith(`${code}.`)) ? at : code }
}
