import idLapor from '../words/lapor/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }
import type { Spoken } from '../page/english.svelte.ts'

/** What this page reads out of the catalogue at first. Who asks for English reads Indonesian until that is here. */
export function catalogues(): Spoken {
  const indonesian = { ...idShared, ...idLapor }
  return { id: indonesian, en: { ...indonesian } }
}

/** Puts in what the fetched screens say. */
export async function fetchFormWords({ id, en }: Spoken): Promise<void> {
  const { FORM_WORDS } = await import('./formWords.ts')
  Object.assign(id, FORM_WORDS)
  // English words that are here already stay.
  for (const [key, text] of Object.entries(FORM_WORDS)) en[key] ??= text
}

export const fetchEnglish = async (): Promise<Record<string, string>> => (await import('./english.ts')).ENGLISH
