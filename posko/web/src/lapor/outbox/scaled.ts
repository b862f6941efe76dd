/** Longest edge of a photo as it is sent, in pixels: what the server shows at most. */
export const LONGEST_EDGE = 1600
export const QUALITY = 0.8

/** The size in which a picture is drawn: never larger than it is. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, LONGEST_EDGE / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

type Canvas2d = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** Draws a picture, upright, on white: nothing but its pixels is left of the file. */
export function draw(onto: Canvas2d | null, picture: ImageBitmap, size: { width: number; height: number }): void {
  if (onto === null) throw new Error('no canvas')
  onto.fillStyle = '#fff'
  onto.fillRect(0, 0, size.width, size.height)
  onto.imageSmoothingQuality = 'high'
  onto.drawImage(picture, 0, 0, size.width, size.height)
  picture.close()
}
