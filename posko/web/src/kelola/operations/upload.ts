import { Refusal } from '../../http.ts'
import type { Problem } from '../../wire.ts'

const PATIENCE_MS = 300_000

/** Sends a file by PUT under its own type, and tells how much of it has gone (0 to 1). A Refusal for everything not 2xx, as Api has it. */
export function upload<T>(path: string, file: Blob, onSent: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', path)
    request.setRequestHeader('content-type', file.type)
    request.setRequestHeader('accept', 'application/json')
    request.timeout = PATIENCE_MS
    request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0)
    request.upload.onload = () => onSent(1)
    request.onerror = request.ontimeout = request.onabort = () => reject(new Refusal(0, 'offline'))
    request.onload = () => {
      const answer = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) return resolve(answer as T)
      const problem = answer as Problem | null
      reject(new Refusal(request.status, problem?.code ?? `http-${request.status}`, problem))
    }
    request.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
