import idField from '../words/field/id.json' with { type: 'json' }
import idLapor from '../words/lapor/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }
import type { Preferences } from '../page/preferences.svelte.ts'
import type { Catalogue } from '../words.ts'

const INDONESIAN: Catalogue = { ...idShared, ...idField, ...idLapor }

/** What this page reads out of the catalogue. English is fetched by those who ask for it; until it is here they read Indonesian. */
export function catalogues(): { id: Catalogue; en: Record<string, string> } {
  return { id: INDONESIAN, en: { ...INDONESIAN } }
}

/** Puts English into the catalogue, and reads it. */
export async function fetchEnglish(english: Record<string, string>, preferences: Preferences): Promise<void> {
  const { ENGLISH } = await import('./english.ts')
  Object.assign(english, ENGLISH)
  preferences.speak('en')
}
