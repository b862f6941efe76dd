const MOST = 200

/** What was told where, by id and version: never twice, whichever of two listeners is the first. */
export class Ledger {
  private readonly versions = new Map<string, number>()

  note(id: string, version: number): void {
    this.versions.delete(id)
    this.versions.set(id, version)
    for (const first of this.versions.keys()) {
      if (this.versions.size <= MOST) return
      this.versions.delete(first)
    }
  }

  has(id: string, version: number): boolean {
    return (this.versions.get(id) ?? -1) >= version
  }
}
