import idField from '../words/field/id.json' with { type: 'json' }
import idLapor from '../words/lapor/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }
import type { Preferences } from '../page/preferences.svelte.ts'

/** What can be read by now; what is fetched later is put into it. */
export interface Spoken {
  id: Record<string, string>
  en: Record<string, string>
}

/** What this page reads out of the catalogue at first. Who asks for English reads Indonesian until that is here. */
export function catalogues(): Spoken {
  const indonesian = { ...idShared, ...idField, ...idLapor }
  return { id: indonesian, en: { ...indonesian } }
}

/** Puts in what the fetched screens say. */
export async function fetchFormWords({ id, en }: Spoken): Promise<void> {
  const { FORM_WORDS } = await import('./formWords.ts')
  Object.assign(id, FORM_WORDS)
  // English words that are here already stay.
  for (const [key, text] of Object.entries(FORM_WORDS)) en[key] ??= text
}

/** Puts English in, and reads it. */
export async function fetchEnglish({ en }: Spoken, preferences: Preferences): Promise<void> {
  const { ENGLISH } = await import('./english.ts')
  Object.assign(en, ENGLISH)
  preferences.speak('en')
}
