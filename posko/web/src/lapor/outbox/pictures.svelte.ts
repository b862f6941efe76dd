import type { Filmed } from './database.ts'
import { hashOf, smaller, wholeOf } from './picture.ts'

/** Being made smaller · small, as it will be sent · this browser cannot read it. */
export type Making = 'dikecilkan' | 'siap' | 'tidak_terbaca'

/** How long a report waits for its photos to be small: on one bar of signal a whole one costs minutes. */
const PATIENCE_MS = 1_000
/** And for one that cannot be sent as the camera made it. */
const LONG_PATIENCE_MS = 3_000

/** The photos of a form, made small from the moment that they are picked: who presses "Kirim" waits for none of them. */
export class Pictures {
  standings: ReadonlyMap<Blob, Making> = $state.raw(new Map())
  private readonly made = new Map<Blob, Promise<Filmed | null>>()
  private last: Promise<unknown> = Promise.resolve()
  private readonly shrink: (file: Blob) => Promise<ArrayBuffer>

  constructor(shrink: (file: Blob) => Promise<ArrayBuffer> = smaller) {
    this.shrink = shrink
  }

  /** Begins to make a photo small, after those before it: a cheap phone has room for one at a time. */
  prepare(file: Blob): void {
    if (this.made.has(file)) return
    this.stand(file, 'dikecilkan')
    const making = this.last.then(() => this.make(file))
    this.made.set(file, making)
    this.last = making
  }

  /**
   * The photos as they are sent, as far as there are any by now: small; whole, where that is not done yet and the server takes
   * the file as it is. What is neither is left out. Never rejects.
   */
  async take(files: readonly Blob[]): Promise<{ photos: Filmed[]; leftOut: number }> {
    for (const file of files) this.prepare(file)
    const [patience, long] = [PATIENCE_MS, LONG_PATIENCE_MS].map((ms) => new Promise<null>((resolve) => setTimeout(resolve, ms, null)))
    const found = await Promise.all(files.map((file) => this.now(file, patience, long)))
    const photos = found.filter((film, index) => film !== null && found.findIndex((other) => other?.sha256 === film.sha256) === index)
    return { photos: photos.filter((film) => film !== null), leftOut: found.filter((film) => film === null).length }
  }

  /** Each of them as it is small, null where it is not by now; to be asked for later. */
  smallOf(files: readonly Blob[]): () => Promise<(Filmed | null)[]> {
    const ready = files.map((file) => (this.standings.get(file) === 'siap' ? (this.made.get(file) ?? null) : null))
    return () => Promise.all(ready)
  }

  private async now(file: Blob, patience: Promise<null> | undefined, long: Promise<null> | undefined): Promise<Filmed | null> {
    const making = this.made.get(file)
    const small = await Promise.race([making, patience])
    if (small || this.standings.get(file) === 'tidak_terbaca') return small ?? null
    return (await wholeOf(file)) ?? (await Promise.race([making, long])) ?? null
  }

  private async make(file: Blob): Promise<Filmed | null> {
    try {
      const data = await this.shrink(file)
      const film = { sha256: await hashOf(data), type: 'image/jpeg', data }
      this.stand(file, 'siap')
      return film
    } catch {
      this.stand(file, 'tidak_terbaca')
      return null
    }
  }

  private stand(file: Blob, making: Making): void {
    this.standings = new Map(this.standings).set(file, making)
  }
}
