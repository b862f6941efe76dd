import { type Api, Refusal } from '../http.ts'

/** What incidents of an operation can be about; a main category, or one of its own kinds after a dot. */
export interface Category {
  code: string
  label_id: string
  label_en: string
}

/** The main ones that every operation begins with: what an officer is offered while nothing better is known. */
const SEED = [
  'logistik', 'kpps', 'pemilih', 'politik_uang', 'intimidasi', 'kampanye', 'netralitas', 'kerusuhan', 'benda_mencurigakan',
  'bencana', 'listrik_internet', 'saksi', 'hasil', 'kotak_segel', 'hoaks', 'rekap', 'rawan_psu', 'lain',
] as const

const keyOf = (operation: number): string => `posko.lapor.categories.${operation}`

/** As they were last heard of on this phone; null: never. */
function kept(operation: number): Category[] | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(operation)) ?? 'null')
    return Array.isArray(found) ? (found as Category[]) : null
  } catch {
    return null
  }
}

/** What can be chosen at once: as last heard of, else what every operation begins with. */
export function categoriesKept(operation: number): Category[] {
  return kept(operation) ?? SEED.map((code) => ({ code, label_id: '', label_en: '' }))
}

/** The operation's categories, afresh; without a network as they are known here. */
export async function categoriesOf(api: Api, operation: number): Promise<Category[]> {
  try {
    const { categories } = await api.get<{ categories: Category[] }>(`/v1/operations/${operation}/categories`)
    try {
      localStorage.setItem(keyOf(operation), JSON.stringify(categories))
    } catch {
      // A full phone forgets them; they are asked for again.
    }
    return categories
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return categoriesKept(operation)
  }
}
