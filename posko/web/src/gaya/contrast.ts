/** How far two colours are apart, as WCAG 2.2 reckons it: from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(colour).map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function channelsOf(colour: string): number[] {
  const said = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour.trim())?.[1]
  if (!said) throw new Error(`${colour} is not like #0b5c73`)
  // The build writes #ffffff as #fff.
  const hex = said.length === 3 ? [...said].map((digit) => digit + digit).join('') : said
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
}

/** What is written or drawn on what: tokens without their dashes, and the ratio that they need. */
export interface Pair {
  ink: string
  ground: string
  least: number
}

const TEXT = 4.5
const DRAWN = 3

export const TOKENS = [
  'bg', 'surface', 'sunken', 'line', 'line-strong', 'edge', 'ink', 'ink-2', 'ink-3', 'accent', 'accent-ink', 'accent-soft', 'bar', 'track', 'late', 'late-bar', 'blocked', 'good',
  'kritis', 'tinggi', 'sedang', 'rendah', 'kritis-soft', 'flash',
] as const

const on = (ground: string, least: number, inks: readonly string[]): Pair[] => inks.map((ink) => ({ ink, ground, least }))
const INKS = ['ink', 'ink-2', 'ink-3', 'accent', 'late', 'blocked', 'good', 'kritis', 'tinggi', 'sedang', 'rendah'] as const

export const PAIRS: readonly Pair[] = [
  ...on('surface', TEXT, INKS),
  ...on('bg', TEXT, INKS),
  ...on('sunken', TEXT, INKS),
  ...on('accent', TEXT, ['accent-ink']),
  ...on('accent-soft', TEXT, ['ink', 'accent']),
  ...on('kritis-soft', TEXT, ['ink', 'ink-2', 'accent']),
  ...on('flash', TEXT, ['ink', 'ink-2', 'ink-3', 'accent', 'late', 'blocked']),
  ...on('kritis', TEXT, ['surface']),
  ...on('late', TEXT, ['surface']),
  ...on('surface', DRAWN, ['edge', 'bar']),
  ...on('bg', DRAWN, ['edge', 'bar']),
  ...on('track', DRAWN, ['bar', 'blocked']),
]
