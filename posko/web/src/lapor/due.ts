/** What a TPS owes and what it is told, as HTTP answers with them. */

/** That a TPS reports a milestone: planned at, due with its grace, and how it stands. Absolute moments of the operation's clock. */
export interface Obligation {
  milestone: string
  label_id: string
  label_en: string
  planned_at: string
  due_at: string
  state: string
  met_at: string | null
  met_by: string | null
  excused_why: string | null
  excused_by: string | null
  excused_at: string | null
  revote: 'psu' | 'pss' | 'psl' | null
  vote_on: string | null
}

export interface Owed {
  operation: number
  place: string
  /** The operation's clock when this was answered. */
  at: string
  obligations: Obligation[]
}

/** A directive as one place reads it: `text` is filled in, `state` is its own. */
export interface Received {
  id: string
  operation: number
  number: number
  from: string
  from_name: string
  kind: 'perintah' | 'saran' | 'informasi'
  requires: 'baca' | 'terima' | 'laksanakan' | 'jawab'
  text: string
  deadline: string
  author: string
  issued_at: string
  state: 'terkirim' | 'dibaca' | 'diterima' | 'ditolak' | 'dilaksanakan' | 'dijawab' | 'ditarik'
  is_open: boolean
  overdue_at: string | null
  changed_at: string
  withdrawn_at: string | null
  withdrawn_why: string | null
  version: number
}
