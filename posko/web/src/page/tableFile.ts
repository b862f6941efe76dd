import { Refusal } from '../http.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** What the chooser of a list offers. */
export const TABLES = `.csv,.xlsx,text/csv,${XLSX}`

/** A list as its owner keeps it, as it is now: a Refusal where it was changed or removed since it was chosen. */
export async function readTable(file: File): Promise<Blob> {
  try {
    return new Blob([await file.arrayBuffer()], { type: /\.xlsx$/i.test(file.name) ? XLSX : 'text/csv' })
  } catch {
    throw new Refusal(0, 'file-unreadable')
  }
}
