/** Addresses inside the officer's page: `#/lapor/hitung/gubernur`, `#/lapor/tonggak/voting_open/tidak`, `#/terkirim/<id>/koreksi`. */

export type Tab = 'tugas' | 'lapor' | 'terkirim' | 'arahan'
export const TABS: readonly Tab[] = ['tugas', 'lapor', 'terkirim', 'arahan']

export const FORMS = ['tonggak', 'pemilih', 'surat-suara', 'hitung', 'kejadian', 'kotak', 'nihil', 'tidak-terjangkau'] as const
export type Form = (typeof FORMS)[number]

export type Route =
  /** `isLost`: the address is none; here is where everything begins. */
  | { page: Tab | 'menu'; isLost?: true }
  /** A form; `about`: the milestone or contest that it is about; `isNot`: a milestone that is not possible. */
  | { page: 'form'; form: Form; about: string | null; isNot?: true }
  | { page: 'item'; id: string; act: 'lihat' | 'koreksi' | 'tarik' }
  | { page: 'directive'; id: string }
  /** Choosing a TPS, within a region. */
  | { page: 'places'; code: string | null }
  | { page: 'paper'; code: string | null }

export function parse(hash: string): Route {
  const [first = '', second = '', third = '', fourth = ''] = hash.replace(/^#\/?/, '').split('/').map(decoded)
  if (first === 'lapor' && isForm(second)) return { page: 'form', form: second, about: third || null, ...(second === 'tonggak' && fourth === 'tidak' ? { isNot: true } : {}) }
  if (first === 'terkirim' && second) return { page: 'item', id: second, act: third === 'koreksi' || third === 'tarik' ? third : 'lihat' }
  if (first === 'arahan' && second) return { page: 'directive', id: second }
  if (first === 'tps') return { page: 'places', code: second || null }
  if (first === 'kertas') return { page: 'paper', code: second || null }
  if (first === 'menu') return { page: 'menu' }
  const tab = TABS.find((tab) => tab === first)
  if (first === '' || (tab && !second)) return { page: tab ?? 'tugas' }
  return { page: tab ?? 'tugas', isLost: true }
}

export function toForm(form: Form, about?: string): string {
  return `#/lapor/${form}${about ? `/${encodeURIComponent(about)}` : ''}`
}

/** The form of a milestone that is not possible: why. */
export function toNotPossible(milestone: string): string {
  return `${toForm('tonggak', milestone)}/tidak`
}

export function toItem(id: string, act?: 'koreksi' | 'tarik'): string {
  return `#/terkirim/${id}${act ? `/${act}` : ''}`
}

export function toDirective(id: string): string {
  return `#/arahan/${id}`
}

export function toPlaces(code?: string): string {
  return code ? `#/tps/${code}` : '#/tps'
}

export function toPaper(code: string): string {
  return `#/kertas/${code}`
}

/** The tab that a route belongs to; null for what is none's. */
export function tabOf(route: Route): Tab | null {
  if (route.page === 'form') return 'lapor'
  if (route.page === 'item') return 'terkirim'
  if (route.page === 'directive') return 'arahan'
  return TABS.find((tab) => tab === route.page) ?? null
}

function isForm(name: string): name is Form {
  return (FORMS as readonly string[]).includes(name)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
