import { Refusal } from '../../http.ts'
import type { Words } from '../../words.ts'
import type { Konsol } from '../konsol.svelte.ts'
import { belowMain, nameOfCategory } from '../naming.ts'

export interface Category {
  code: string
  label_id: string
  label_en: string
}

/** What incidents of the operation can be about: asked for when the list is first wanted. */
export function categoriesOf(konsol: Konsol): { readonly rows: readonly Category[] } {
  let rows: readonly Category[] = $state.raw([])
  void konsol.session.api
    .get<{ categories: Category[] }>(`/v1/operations/${konsol.operation.id}/categories`)
    .then(({ categories }) => (rows = categories))
    .catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
    })
  return {
    get rows() {
      return rows
    },
  }
}

/** As the operation calls it; one of its own below its main category. */
export function nameOfOwn(words: Words, category: Category): string {
  const label = words.language === 'id' ? category.label_id : category.label_en
  return category.code.includes('.') ? belowMain(nameOfCategory(words, category.code.split('.')[0] ?? ''), label) : label
}
