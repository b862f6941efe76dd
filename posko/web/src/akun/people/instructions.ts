/** What an enrolment card tells an officer; always Indonesian. */
export const INSTRUCTIONS = [
  'Pindai kode QR ini dengan kamera ponsel Anda sendiri, lalu buka tautannya.',
  'Buat PIN enam angka yang tidak mudah ditebak. Jangan beri tahu siapa pun.',
  'Selanjutnya cukup buka halaman itu dan masukkan PIN. Kartu ini hanya berlaku sekali; jangan difoto.',
] as const

export function validUntil(expiresAt: string): string {
  const form = { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' } as const
  return `Berlaku sampai ${new Intl.DateTimeFormat('id-ID', form).format(new Date(expiresAt))}.`
}
