/** Addresses inside the officer's page: `#/lapor/hitung/gubernur`, `#/terkirim/<id>/koreksi`. */

export type Tab = 'tugas' | 'lapor' | 'terkirim' | 'arahan'
export const TABS: readonly Tab[] = ['tugas', 'lapor', 'terkirim', 'arahan']

export const FORMS = ['tonggak', 'pemilih', 'surat-suara', 'hitung', 'kejadian', 'kotak', 'nihil', 'tidak-terjangkau'] as const
export type Form = (typeof FORMS)[number]

export type Route =
  | { page: Tab | 'menu' }
  /** A form; `about`: the milestone or contest that it is about. */
  | { page: 'form'; form: Form; about: string | null }
  | { page: 'item'; id: string; act: 'lihat' | 'koreksi' | 'tarik' }
  | { page: 'directive'; id: string }
  /** Choosing a TPS, within a region. */
  | { page: 'places'; code: string | null }
  | { page: 'paper'; code: string | null }

export function parse(hash: string): Route {
  const [first = '', second = '', third = ''] = hash.replace(/^#\/?/, '').split('/').map(decoded)
  if (first === 'lapor' && isForm(second)) return { page: 'form', form: second, about: third || null }
  if (first === 'terkirim' && second) return { page: 'item', id: second, act: third === 'koreksi' || third === 'tarik' ? third : 'lihat' }
  if (first === 'arahan' && second) return { page: 'directive', id: second }
  if (first === 'tps') return { page: 'places', code: second || null }
  if (first === 'kertas') return { page: 'paper', code: second || null }
  if (first === 'menu') return { page: 'menu' }
  return { page: TABS.find((tab) => tab === first) ?? 'tugas' }
}

export function toForm(form: Form, about?: string): string {
  return `#/lapor/${form}${about ? `/${encodeURIComponent(about)}` : ''}`
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
