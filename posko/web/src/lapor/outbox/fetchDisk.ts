import { Refusal } from '../../http.ts'

/** What writes to the disk. Rejects with a Refusal where it is not here yet and there is no network; asked again, it is tried again. */
export async function fetchDisk(): Promise<typeof import('./disk.ts')> {
  try {
    return await import('./disk.ts')
  } catch {
    throw new Refusal(0, 'offline')
  }
}
