import type { Content } from '../../records.ts'
import type { Form } from '../routes.ts'

/** The form that a report was made with, and what it was about. */
export function formOf(content: Exclude<Content, { kind: 'correction' }>): { form: Form; about: string | null } {
  switch (content.kind) {
    case 'milestone':
      return { form: 'tonggak', about: content.milestone }
    case 'turnout':
      return { form: 'pemilih', about: null }
    case 'ballots':
      return { form: 'surat-suara', about: content.contest }
    case 'count':
      return { form: 'hitung', about: content.contest }
    case 'custody':
      return { form: 'kotak', about: null }
    case 'incident':
      return { form: 'kejadian', about: null }
    case 'nihil':
      return { form: 'nihil', about: null }
    case 'unreachable':
      return { form: 'tidak-terjangkau', about: null }
  }
}
