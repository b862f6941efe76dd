/** What is typed as a text when nothing else works (PROTOCOL.md, Texts): the words of each milestone and number. */

import type { Contest } from '../../records.ts'

const MILESTONES: Readonly<Record<string, string>> = {
  logistics_ready: 'LOGISTIK LENGKAP',
  kpps_present: 'KPPS HADIR',
  oath: 'SUMPAH',
  voting_open: 'BUKA',
  dpk_voting: 'DPK',
  voting_closed: 'TUTUP',
  count_started: 'HITUNG MULAI',
  count_finished: 'HITUNG SELESAI',
  c_hasil_signed: 'TTD',
  c_hasil_posted: 'TEMPEL',
  box_sent: 'KOTAK BERANGKAT',
  box_pps: 'KOTAK TIBA PPS',
  box_ppk: 'KOTAK TIBA PPK',
}

/** How a milestone is written; an operation's own by its code, with spaces. */
export function wordOf(milestone: string): string {
  return MILESTONES[milestone] ?? milestone.replaceAll('_', ' ').toUpperCase()
}

/** A TPS as a text names it: `TPS 31.72.01.1001/007`. */
export function textPlaceOf(code: string): string {
  const dot = code.lastIndexOf('.')
  return `TPS ${code.slice(0, dot)}/${code.slice(dot + 1)}`
}

/** `SUARA GUB ../../.. TS ..`; the contest is named only where a TPS votes on two. */
export function countTextOf(contest: Pick<Contest, 'kind' | 'paslon'>, isOnly: boolean): string {
  const name = isOnly ? '' : contest.kind === 'gubernur' ? ' GUB' : ' WALI'
  const voted = contest.paslon.filter((paslon) => !paslon.is_empty_box).map(() => '...')
  const hasEmptyBox = contest.paslon.some((paslon) => paslon.is_empty_box)
  return `SUARA${name} ${voted.join('/')}${hasEmptyBox ? ' KOSONG ...' : ''} TS ...`
}
