import type { Api } from '../http.ts'
import { contains, isTps, parentOf, trail } from '../places.ts'

/** Names of places, as far as this seat may ask for them; a code that has no name here stays a code. */
export class PlaceNames {
  private names: Record<string, string> = $state.raw({})
  private readonly asked = new Map<string, Promise<void>>()
  private readonly api: Api

  constructor(api: Api) {
    this.api = api
  }

  /** The name, or the code itself. */
  of = (code: string): string => this.names[code] ?? code

  /** `TPS 003, Kelurahan 1-1, Kecamatan 1`: a place and what it lies in, below the top of this seat. */
  path(code: string, top: string): string {
    return trail(top, code)
      .reverse()
      .map((above) => this.names[above] ?? (above === code ? code : null))
      .filter((name) => name !== null)
      .join(', ')
  }

  /** Asks an operation for the names of these places and of those above them up to `top`, each once. */
  async learn(codes: readonly string[], operation: number, top: string): Promise<void> {
    const inside = codes.filter((code) => contains(top, code))
    // A region answers with the names of its children, so a TPS is named by what it lies in, if one may ask for that.
    const places = new Set(inside.flatMap((code) => trail(top, isTps(code) && code !== top ? parentOf(code) : code)))
    for (const place of places) {
      const key = `${operation}:${place}`
      const asking = this.asked.get(key) ?? (isTps(place) ? this.fetchTps(place, operation) : this.fetch(place, operation))
      this.asked.set(key, asking)
      await asking
    }
  }

  private async fetch(code: string, operation: number): Promise<void> {
    const found = await this.api.get<{ names: Record<string, string> }>(`/v1/regions/${code}`, { operation }).catch(() => null)
    if (found) this.names = { ...this.names, ...found.names }
  }

  private async fetchTps(code: string, operation: number): Promise<void> {
    const found = await this.api.get<{ name: string }>(`/v1/tps/${code}`, { operation }).catch(() => null)
    if (found) this.names = { ...this.names, [code]: found.name }
  }
}
