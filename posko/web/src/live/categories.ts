import type { Preferences } from '../page/preferences.svelte.ts'
import type { OperationSession } from './operations.svelte.ts'

interface Label {
  code: string
  label_id: string
  label_en: string
}

/** What incidents below a main category are about, as the operation calls that: the catalogue has only the main ones. */
export async function learnCategories(session: OperationSession, preferences: Preferences, operation: number): Promise<void> {
  const found = await session.api.get<{ categories: Label[] }>(`/v1/operations/${operation}/categories`).catch(() => null)
  const own = found?.categories.filter(({ code }) => code.includes('.')) ?? []
  const labels = (of: 'label_id' | 'label_en') => Object.fromEntries(own.map((each) => [`category.${each.code}`, each[of]]))
  if (session.operation?.id === operation) preferences.learn({ id: labels('label_id'), en: labels('label_en') })
}
