import { draw, fitted, QUALITY } from './scaled.ts'

/** Makes a photo smaller beside the page, which goes on answering to the finger. Null: it cannot be read here. */
self.onmessage = (event: MessageEvent<Blob>): void => {
  void smaller(event.data).then(
    (data) => self.postMessage(data, { transfer: [data] }),
    () => self.postMessage(null),
  )
}

async function smaller(file: Blob): Promise<ArrayBuffer> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const size = fitted(picture.width, picture.height)
  const canvas = new OffscreenCanvas(size.width, size.height)
  draw(canvas.getContext('2d'), picture, size)
  return (await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })).arrayBuffer()
}
