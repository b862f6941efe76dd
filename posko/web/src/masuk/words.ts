import idCommon from '../words/common/id.json' with { type: 'json' }
import idDoor from '../words/door/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }
import type { Spoken } from '../page/english.svelte.ts'

/** What this page reads out of the catalogue at first. Who asks for English reads Indonesian until that is here. */
export function catalogues(): Spoken {
  const indonesian = { ...idShared, ...idCommon, ...idDoor }
  return { id: indonesian, en: { ...indonesian } }
}

export const fetchEnglish = async (): Promise<Record<string, string>> => (await import('./english.ts')).ENGLISH
