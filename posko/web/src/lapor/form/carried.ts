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

/** What stays with a report that is corrected, and is shown with what corrects it: nothing of it is sent again. */
export interface Staying {
  /** Photos that the server has; that wait on this phone; of another phone, come or not. */
  sent: number
  queued: number
  elsewhere: number
  /** Photos that the server did not take: they are nowhere. */
  refused: number
}

type Filmed = Pick<Item, 'id' | 'photos'> & { report: Pick<Item['report'], 'content'> }

/** Of a report and of what it corrects itself, as far as this phone knows that. */
export function stayingOf(item: Filmed, items: readonly Filmed[]): Staying {
  const { content } = item.report
  const older = content.kind === 'correction' ? items.find(({ id }) => id === content.of) : undefined
  const before = older ? stayingOf(older, items.filter((one) => one !== older && one !== item)) : { sent: 0, queued: 0, elsewhere: 0, refused: 0 }
  const count = (wanted: string): number => item.photos.filter(({ standing }) => standing === wanted).length
  return { sent: before.sent + count('terkirim'), queued: before.queued + count('antre'), elsewhere: before.elsewhere + count('dijanjikan'), refused: before.refused + count('ditolak') }
}
