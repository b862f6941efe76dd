import type { NewSeat, Role } from '../../accounts.ts'

/** A seat as its form holds it. */
export interface SeatDraft {
  role: Role
  /** Codes, with spaces, commas or line breaks between them. */
  regions: string
  /** Empty: every operation. */
  operation: string
  cleared: boolean
  /** `2024-11-27T05:00` by this machine's clock, or empty. */
  starts: string
  ends: string
}

export function emptySeat(): SeatDraft {
  return { role: 'petugas', regions: '', operation: '', cleared: false, starts: '', ends: '' }
}

export function codesIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))]
}

/** The seat to ask for; what was left empty is left out. */
export function seatOf(draft: SeatDraft): NewSeat {
  return {
    role: draft.role,
    regions: codesIn(draft.regions),
    ...(draft.operation ? { operation: Number(draft.operation) } : {}),
    ...(draft.cleared ? { cleared: true } : {}),
    ...(draft.starts ? { starts_at: new Date(draft.starts).toISOString() } : {}),
    ...(draft.ends ? { ends_at: new Date(draft.ends).toISOString() } : {}),
  }
}
