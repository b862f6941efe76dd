import { offsetOf, zoneOf } from '../../places.ts'

/** What an enrolment card tells an officer; always Indonesian. */
export const INSTRUCTIONS = [
  'Pindai kode QR ini dengan kamera ponsel Anda sendiri, lalu buka tautannya.',
  'Buat PIN enam angka yang tidak mudah ditebak. Jangan beri tahu siapa pun.',
  'Selanjutnya cukup buka halaman itu dan masukkan PIN. Kartu ini hanya berlaku sekali; jangan difoto.',
] as const

const FORM = { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const

/** Until when a card is good, by the clock of the place that it is for. */
export function validUntil(expiresAt: string, code: string): string {
  const there = new Date(Date.parse(expiresAt) + offsetOf(code) * 3_600_000)
  return `Berlaku sampai ${new Intl.DateTimeFormat('id-ID', FORM).format(there)} ${zoneOf(code)}.`
}
