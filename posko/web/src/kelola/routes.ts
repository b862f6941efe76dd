/** Addresses inside the admin's page: `#/operasi/1`, `#/webhook/3`. */

export const SECTIONS = ['operasi', 'aturan', 'webhook', 'kesehatan'] as const
export type Section = (typeof SECTIONS)[number]

/** A section, and what of it is looked at: the words of the address after it. */
export interface Route {
  section: Section
  rest: string[]
}

export function parse(hash: string): Route {
  const [first, ...rest] = hash.replace(/^#\/?/, '').split('/').filter(Boolean)
  const section = SECTIONS.find((known) => known === first)
  return section ? { section, rest } : { section: 'operasi', rest: [] }
}

export function toSection(section: Section, ...rest: (string | number)[]): string {
  return `#/${[section, ...rest].join('/')}`
}

/** The number that an address names, or null. */
export function numberIn(part: string | undefined): number | null {
  const number = Number(part)
  return Number.isInteger(number) && number > 0 ? number : null
}
