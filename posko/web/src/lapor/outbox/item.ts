import type { Content } from '../../records.ts'
import type { Problem } from '../../wire.ts'
import type { Filmed } from './database.ts'

/** Queued · on its way, no answer yet · accepted (see the receipt) · refused (see why). */
export type Standing = 'antre' | 'terkirim' | 'diterima' | 'ditolak'

/** A voice note as it was recorded, to be sent as it is. */
export interface Recorded {
  data: Blob
  seconds: number
}

/** What a form says of a report that is to be made. */
export interface Draft {
  operation: number
  place: string
  content: Content
  /** RFC 3339 with the offset of the TPS; left out: now, by the corrected clock. */
  observed_at?: string
  channel?: string
  on_behalf_of?: string
  restricted?: boolean
  /** Phone minus server, where hours were put right by it. */
  clock_skew_s?: number | null
  /** As they are sent; at most four. */
  photos?: readonly Filmed[]
  voice?: (Filmed & { seconds: number }) | null
  /** The form that it was filled in with, as it is kept while it is not sent: it goes as soon as the report is here, which has its id. */
  begun?: { key: string; report: string } | null
}

/** A report as it is sent, under the id that was made with it. Never changed. */
export interface ReportBody {
  id: string
  operation: number
  place: string
  observed_at: string
  content: Content
  channel?: string
  on_behalf_of?: string
  restricted?: boolean
  clock_skew_s?: number
}

/** What the server answered when it had the report on disk. */
export interface Receipt {
  id: string
  /** Null of a restricted report to who is not cleared. */
  version: number | null
  received_at: string
  /** What the report makes doubtful, as judged then. */
  flags: string[]
}

export interface SentPhoto {
  sha256: string
  bytes: number
  /** Promised: by a report that is only looked at here; whether it has come is not known. */
  standing: 'antre' | 'terkirim' | 'ditolak' | 'dijanjikan'
  /** The code of the refusal. */
  why: string | null
}

export interface SentVoice extends SentPhoto {
  seconds: number
}

/** One thing that was filed on this phone, and how it stands. */
export interface Item {
  /** UUIDv7, made once. */
  id: string
  /** The later filed, the higher; it is sent in this order. */
  order: number
  /** Exactly what is sent. */
  report: ReportBody
  standing: Standing
  /** By this phone's clock, RFC 3339. */
  made_at: string
  /** How often it was sent. */
  tries: number
  /** Not before then, milliseconds since 1970 by this phone's clock; null: as soon as it can be. */
  next_at: number | null
  receipt: Receipt | null
  /** Why it was refused; while it is queued: what the server failed at last. */
  refusal: Problem | null
  photos: SentPhoto[]
  voice: SentVoice | null
  /** It was filed on another device, and is only looked at here. */
  elsewhere?: { reporter: string; isOwn: boolean; isReplaced: boolean }
}

/** What other people filed on this phone and has no answer yet: it is sent when they have signed in here again. */
export interface Others {
  account: number
  name: string
  unsent: number
}

/** The phone has no room for one more report; nothing of it was kept. */
export class StorageFull extends Error {}

/** The form was sent before, from another tab that showed it too: its report is on this phone. */
export class FiledAlready extends Error {}

/** Nobody was ever signed in here: there is no account that a report could be from. */
export class NobodyHere extends Error {}
