/** An id that sorts by when it was made; `at_ms` since 1970, `noise` ten random bytes. */
export function uuid7(at_ms: number, noise: Uint8Array = crypto.getRandomValues(new Uint8Array(10))): string {
  const bytes = new Uint8Array(16)
  bytes.set(noise.subarray(0, 10), 6)
  for (let at = Math.floor(at_ms), place = 5; place >= 0; place -= 1, at = Math.floor(at / 256)) bytes[place] = at % 256
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
