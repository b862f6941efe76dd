/** Codes are paths: ancestry, level and time zone of a place follow from its code. */

export type Level = 'nasional' | 'provinsi' | 'kabkota' | 'kecamatan' | 'kelurahan' | 'dusun' | 'tps'

const LEVELS: Level[] = ['nasional', 'provinsi', 'kabkota', 'kecamatan', 'kelurahan']
const NATION = 'ID'
const WITA = new Set(['51', '52', '53', '63', '64', '65', '71', '72', '73', '74', '75', '76'])
const WIT = new Set(['81', '82', '91', '92', '93', '94', '95', '96'])

export function levelOf(code: string): Level {
  if (code === NATION) return 'nasional'
  const parts = code.split('.')
  return LEVELS[parts.length] ?? (parts.at(-1)?.length === 3 ? 'tps' : 'dusun')
}

export function isTps(code: string): boolean {
  return levelOf(code) === 'tps'
}

export function contains(scope: string, code: string): boolean {
  return scope === NATION || code === scope || code.startsWith(`${scope}.`)
}

/** The codes from `top` down to `code` itself. */
export function trail(top: string, code: string): string[] {
  const parts = code === NATION ? [] : code.split('.')
  const path = [NATION, ...parts.map((_, index) => parts.slice(0, index + 1).join('.'))]
  return path.slice(Math.max(0, path.indexOf(top)))
}

/** What a tree with this root and the regions of a seat have in common: its topmost codes, none inside another. */
export function topsOf(regions: readonly string[], root: string): string[] {
  const common = regions.flatMap((region) => (contains(region, root) ? [root] : contains(root, region) ? [region] : []))
  return [...new Set(common)].filter((code) => !common.some((other) => other !== code && contains(other, code)))
}

/** Hours east of UTC at a place, by its provinsi. */
export function offsetOf(code: string): number {
  const provinsi = code.slice(0, 2)
  return WITA.has(provinsi) ? 8 : WIT.has(provinsi) ? 9 : 7
}

export function zoneOf(code: string): string {
  return zoneOfOffset(offsetOf(code))
}

export function zoneOfOffset(offset: number): string {
  return { 7: 'WIB', 8: 'WITA', 9: 'WIT' }[offset] ?? 'WIB'
}

/** The place that a TPS or region lies in. */
export function parentOf(code: string): string {
  const dot = code.lastIndexOf('.')
  return dot < 0 ? NATION : code.slice(0, dot)
}
