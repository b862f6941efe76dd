import type { Problem } from '../../wire.ts'
import type { Who } from './database.ts'
import type { Item, Others, Receipt, ReportBody, SentPhoto, SentVoice, Standing } from './item.ts'

/** A photo (or the voice note) of an item, as it is kept: how it stands, and the sending of it. */
export interface KeptPhoto extends SentPhoto {
  tries: number
  next_at: number
  /** It is the voice note, so long. */
  seconds?: number
}

/** An item as it lies in IndexedDB. */
export interface Kept {
  order: number
  id: string
  account: number
  /** Whose it is, for when somebody else is signed in. */
  account_name: string
  /** The JSON that is sent, frozen when it was made: a second sending is the same bytes. */
  body: string
  /** Bytes of the body. */
  size: number
  /** The report that it corrects. */
  corrects: string | null
  standing: Standing
  made_at: string
  tries: number
  next_at: number | null
  receipt: Receipt | null
  refusal: Problem | null
  /** Reports that may go together in the POST that it goes in, since the server broke at one with it; 0: it broke at this alone. */
  most?: number
  /** What comes after the report: its photos, and its voice note. */
  photos: KeptPhoto[]
}

/** As the pages see it. */
export function itemOf(kept: Kept): Item {
  const { id, order, standing, made_at, tries, next_at, receipt, refusal } = kept
  const photos: SentPhoto[] = []
  let voice: SentVoice | null = null
  for (const { sha256, bytes, standing, why, seconds } of kept.photos) {
    if (seconds === undefined) photos.push({ sha256, bytes, standing, why })
    else voice = { sha256, bytes, standing, why, seconds }
  }
  return { id, order, report: JSON.parse(kept.body) as ReportBody, standing, made_at, tries, next_at, receipt, refusal, photos, voice }
}

/** Whether the server has it, but not all that it promises. */
export function isFollowed({ standing, photos, voice }: Item): boolean {
  return standing === 'diterima' && (voice?.standing === 'antre' || photos.some((photo) => photo.standing === 'antre'))
}

export function isUnsent({ standing }: { standing: Standing }): boolean {
  return standing === 'antre' || standing === 'terkirim'
}

/** What everybody else filed here that is not sent, by person. */
export function othersOf(unsent: readonly Kept[], who: Who | null): Others[] {
  const found = new Map<number, Others>()
  for (const { account, account_name } of unsent) {
    if (account === who?.account) continue
    found.set(account, { account, name: account_name, unsent: (found.get(account)?.unsent ?? 0) + 1 })
  }
  return [...found.values()]
}
