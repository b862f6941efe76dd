import { crc32, deflateSync } from 'node:zlib'

/** The mark of public/icon.svg, on its 32 x 32 grid: x, y, width, height of the bars. */
const BARS = [
  [8, 16, 3, 6],
  [14.5, 10, 3, 12],
  [21, 13, 3, 9],
] as const
const GRID = 32
const GROUND = [0x0f, 0x4c, 0x5c]
/** A maskable icon is cut to any shape: the mark stays within the inner four fifths, the ground fills all. */
const SHRUNK = 0.86

/** The mark as a PNG of `size` pixels a side, on a ground that reaches to the edges. */
export function iconPng(size: number): Uint8Array {
  const rows = Buffer.alloc(size * (size * 3 + 1))
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const white = covered(x, y, size)
      GROUND.forEach((ground, channel) => rows.writeUInt8(Math.round(ground + (255 - ground) * white), y * (size * 3 + 1) + 1 + x * 3 + channel))
    }
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(size, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))])
}

/** How much of a pixel the bars cover, 0 to 1. */
function covered(x: number, y: number, size: number): number {
  const unit = (SHRUNK * size) / GRID
  const edge = ((1 - SHRUNK) * size) / 2
  const overlap = (from: number, start: number, length: number): number =>
    Math.max(0, Math.min(from + 1, edge + (start + length) * unit) - Math.max(from, edge + start * unit))
  return Math.min(1, BARS.reduce((sum, [left, top, width, height]) => sum + overlap(x, left, width) * overlap(y, top, height), 0))
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
