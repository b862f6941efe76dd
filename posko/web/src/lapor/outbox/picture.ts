import type { Filmed } from './database.ts'
import type { Recorded } from './item.ts'
import { draw, fitted, QUALITY } from './scaled.ts'

const TYPE = 'image/jpeg'
/** A picture that a worker has not drawn by then is tried in the page: some phones have the one and not the other. */
const WORKER_MS = 20_000

/** A picture small and drawn anew: without place, device and hour. Rejects where it cannot be read. */
export async function smaller(file: Blob): Promise<ArrayBuffer> {
  return (await byWorker(file)) ?? byPage(file)
}

/** Null where this browser cannot draw in a worker (Safari before 16.4). */
function byWorker(file: Blob): Promise<ArrayBuffer | null> {
  if (!('OffscreenCanvas' in globalThis)) return Promise.resolve(null)
  const worker = new Worker(new URL('./picture.worker.ts', import.meta.url), { type: 'module' })
  return new Promise<ArrayBuffer | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), WORKER_MS)
    worker.onmessage = (event: MessageEvent<ArrayBuffer | null>) => {
      clearTimeout(timer)
      resolve(event.data)
    }
    worker.onerror = () => resolve(null)
    worker.postMessage(file)
  }).finally(() => worker.terminate())
}

async function byPage(file: Blob): Promise<ArrayBuffer> {
  const picture = await createImageBitmap(file)
  const size = fitted(picture.width, picture.height)
  const canvas = Object.assign(document.createElement('canvas'), size)
  draw(canvas.getContext('2d'), picture, size)
  const drawn = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, TYPE, QUALITY))
  if (drawn === null) throw new Error('the canvas gave nothing')
  return drawn.arrayBuffer()
}

/** What the server makes small itself (posko/reports/report.py). */
const TAKEN = new Set(['image/jpeg', 'image/png', 'image/webp'])
const LIMIT_BYTES = 8 * 1024 * 1024

/** A photo as the camera made it; null where the server would not take it so. */
export async function wholeOf(file: Blob): Promise<Filmed | null> {
  if (!TAKEN.has(file.type) || file.size === 0 || file.size > LIMIT_BYTES) return null
  try {
    const data = await file.arrayBuffer()
    return { sha256: await hashOf(data), type: file.type, data }
  } catch {
    return null
  }
}

/** A voice note as it will be sent: the bytes that were recorded. */
export async function tapeOf({ data, seconds }: Recorded): Promise<Filmed & { seconds: number }> {
  const bytes = await data.arrayBuffer()
  return { sha256: await hashOf(bytes), type: data.type.split(';')[0] ?? '', data: bytes, seconds }
}

export async function hashOf(data: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
