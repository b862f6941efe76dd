import type { Category } from './rules.ts'

/** A category being changed; `was`: its code before, null for a new one. */
export interface CategoryDraft extends Category {
  was: string | null
}

export interface CategoryChange {
  code: string
  before: string | null
  after: string | null
}

const inWords = ({ label_id, label_en }: Category): string => `${label_id} / ${label_en}`

/** What drafts change of the categories: gone, new, called otherwise. */
export function categoryChanges(before: readonly Category[], drafts: readonly CategoryDraft[]): CategoryChange[] {
  const gone = before.filter(({ code }) => !drafts.some(({ was }) => was === code)).map((category) => ({ code: category.code, before: inWords(category), after: null }))
  const rest = drafts.flatMap((draft): CategoryChange[] => {
    const old = before.find(({ code }) => code === draft.was)
    if (old === undefined) return [{ code: draft.code, before: null, after: inWords(draft) }]
    return inWords(old) === inWords(draft) ? [] : [{ code: old.code, before: inWords(old), after: inWords(draft) }]
  })
  return [...gone, ...rest]
}

/** With an empty one of a main category's own, behind the last of them. */
export function insertedUnder(drafts: readonly CategoryDraft[], main: string): CategoryDraft[] {
  const last = drafts.findLastIndex(({ code }) => code === main || code.startsWith(`${main}.`))
  const made: CategoryDraft = { code: `${main}.`, label_id: '', label_en: '', was: null }
  return [...drafts.slice(0, last + 1), made, ...drafts.slice(last + 1)]
}
