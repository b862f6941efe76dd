import type { Item, Recorded } from '../outbox/item.ts'
import type { Outbox } from '../outbox/outbox.svelte.ts'

/** What a form begins with beside the content. */
export interface Carried {
  photos: Blob[]
  voice: Recorded | null
  /** The given report has photos or a voice note that are no longer on this phone. */
  isLess: boolean
}

export const NOTHING: Carried = { photos: [], voice: null, isLess: false }

/** The photos and the voice note of a report, as far as they still lie on this phone: what is filed in its place has them too. */
export async function carriedOf(outbox: Pick<Outbox, 'photo'>, { id, photos, voice }: Pick<Item, 'id' | 'photos' | 'voice'>): Promise<Carried> {
  const found = await Promise.all(photos.map(({ sha256 }) => outbox.photo(id, sha256)))
  const kept = found.filter((blob) => blob !== null)
  const data = voice ? await outbox.photo(id, voice.sha256) : null
  return {
    photos: kept,
    voice: voice && data ? { data, seconds: voice.seconds } : null,
    isLess: kept.length < photos.length || (voice !== null && data === null),
  }
}
