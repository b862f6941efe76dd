/** Sixteen digits in a row, which no text of ours may hold; no look-behind, which older Safaris do not read. */
const NIK = /(^|\D)\d{16}(\D|$)/

export function hasNik(text: string): boolean {
  return NIK.test(text)
}
