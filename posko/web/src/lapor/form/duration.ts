const [SEGMENT, INFO, DURATION] = [0x18538067, 0x1549a966, 0x4489]
/** Its scale where it says none: a millisecond. */
const SCALE = 0x2ad7b1

/**
 * A WebM that says how long it is. What browsers record says nothing of its length, as nobody knew it when it began; then
 * no player can show it or move within it. Of anything else, and of what says it already, nothing is changed.
 */
export function withDuration(webm: Uint8Array<ArrayBuffer>, ms: number): Uint8Array<ArrayBuffer> {
  const segment = next(webm, next(webm, 0)?.end ?? 0)
  const info = segment?.id === SEGMENT ? next(webm, segment.content) : null
  if (info?.id !== INFO || info.end > webm.length) return webm
  for (let at = info.content; at < info.end; ) {
    const part = next(webm, at)
    if (part === null || part.id === DURATION || (part.id === SCALE && numberIn(webm, part) !== 1_000_000)) return webm
    at = part.end
  }
  const said = new DataView(new ArrayBuffer(11))
  said.setUint16(0, DURATION)
  said.setUint8(2, 0x88)
  said.setFloat64(3, ms)
  const head = new DataView(new ArrayBuffer(12))
  head.setUint32(0, INFO)
  head.setBigUint64(4, (1n << 56n) | BigInt(info.end - info.content + said.byteLength))
  const parts = [webm.subarray(0, info.at), bytesOf(head), webm.subarray(info.content, info.end), bytesOf(said), webm.subarray(info.end)]
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

interface Part {
  id: number
  at: number
  content: number
  end: number
}

/** The EBML element at a place; one of unknown size ends nowhere. */
function next(data: Uint8Array, at: number): Part | null {
  const [idLength, sizeLength] = [lengthAt(data, at), lengthAt(data, at + lengthAt(data, at))]
  if (idLength > 4 || sizeLength > 8) return null
  const content = at + idLength + sizeLength
  let [id, size] = [0, (data[at + idLength] ?? 0) & (0xff >> sizeLength)]
  for (let n = at; n < at + idLength; n += 1) id = id * 256 + (data[n] ?? 0)
  for (let n = at + idLength + 1; n < content; n += 1) size = size * 256 + (data[n] ?? 0)
  return { id, at, content, end: size >= 2 ** (7 * sizeLength) - 1 ? Infinity : content + size }
}

/** Bytes of a number, told by the zero bits that it begins with; 9: there is none. */
function lengthAt(data: Uint8Array, at: number): number {
  return Math.clz32(data[at] ?? 0) - 23
}

function numberIn(data: Uint8Array, { content, end }: Part): number {
  return data.subarray(content, end).reduce((sum, byte) => sum * 256 + byte, 0)
}

function bytesOf(view: DataView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer)
}
