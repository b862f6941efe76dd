/** Finding a TPS among those of a desk: by number, name or code; what is missing first. */

import { isTps } from '../../places.ts'

export interface Place {
  code: string
  name: string
  /** Milestones that are past their grace, of all its TPS. */
  late: number
  /** TPS that have said nothing at all. */
  silent: number
  tps: number
  /** Names of what it lies in. */
  above?: string
}

export function inNeed(a: Place, b: Place): number {
  return b.late - a.late || b.silent - a.silent || (a.code < b.code ? -1 : 1)
}

/** Those that somebody means: `7` is TPS 007, words are looked for in the name, a code by its beginning or end. */
export function matching(places: readonly Place[], typed: string): Place[] {
  const said = typed.trim().toLowerCase()
  if (said === '') return [...places]
  if (/^\d{1,3}$/.test(said)) {
    const number = said.padStart(3, '0')
    const exact = places.filter(({ code }) => code.endsWith(`.${number}`))
    if (exact.length > 0) return exact
  }
  const [, words = '', number = ''] = /^(.*\D)\s*(\d{1,3})$/.exec(said) ?? []
  const named = words.split(/[\s,]+/).filter((word) => word !== '' && word !== 'tps')
  const isNamed = ({ name, above = '' }: Place): boolean => named.every((word) => `${name} ${above}`.toLowerCase().includes(word))
  return places.filter((place) => `${place.name} ${place.above ?? ''}`.toLowerCase().includes(said) || place.code.includes(said) || (number !== '' && place.code.endsWith(`.${number.padStart(3, '0')}`) && isNamed(place)))
}

/** Whether what is meant may lie beyond these: regions, or fewer TPS than there are to choose from. */
export function isPartOnly(places: readonly Place[], limit: number): boolean {
  return places.length >= limit || places.some(({ code }) => !isTps(code))
}

const WHOLE = /^\d{2}\.\d{2}\.\d{2}\.\d{4}(\.\d{2})?\.\d{3}$/

/** The TPS whose code was typed whole, or by its number within a kelurahan; null: neither. */
export function typedCode(typed: string, at: string | null): string | null {
  const said = typed.trim().replace(/[\s/]+/g, '.')
  if (WHOLE.test(said)) return said
  const isKelurahan = at !== null && at.split('.').length >= 4
  return isKelurahan && /^\d{1,3}$/.test(said) ? `${at}.${said.padStart(3, '0')}` : null
}
