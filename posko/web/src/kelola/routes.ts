/** Addresses inside the admin's page: `#/operasi/1`, `#/webhook/3`. */

export const SECTIONS = ['operasi', 'aturan', 'webhook', 'kesehatan'] as const
export type Section = (typeof SECTIONS)[number]

/** A section, and what of it is looked at: the words of the address after it. */
export interface Route {
  section: Section
  rest: string[]
  /** The address is none. */
  isLost?: true
}

export function parse(hash: string): Route {
  const [first, ...rest] = hash.replace(/^#\/?/, '').split('/').filter(Boolean)
  const section = SECTIONS.find((known) => known === first)
  if (section) return { section, rest }
  return { section: 'operasi', rest: [], ...(first === undefined ? {} : { isLost: true }) }
}

export function toSection(section: Section, ...rest: (string | number)[]): string {
  return `#/${[section, ...rest].join('/')}`
}

/** The number that an address names, or null. */
export function numberIn(part: string | undefined): number | null {
  const number = Number(part)
  return Number.isInteger(number) && number > 0 ? number : null
}
