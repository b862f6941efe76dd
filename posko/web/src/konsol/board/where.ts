/** Where one point lies, seen from another. */

export interface Point {
  latitude: number
  longitude: number
}

const EARTH_M = 6_371_000
const COMPASS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Metres along the ground, and degrees clockwise from north. */
export function fromTo(from: Point, to: Point): { metres: number; degrees: number; compass: (typeof COMPASS)[number] } {
  const [a, b] = [radians(from.latitude), radians(to.latitude)]
  const [north, east] = [b - a, radians(to.longitude - from.longitude)]
  const chord = Math.sin(north / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(east / 2) ** 2
  const bearing = Math.atan2(Math.sin(east) * Math.cos(b), Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(east))
  const degrees = ((bearing * 180) / Math.PI + 360) % 360
  return { metres: 2 * EARTH_M * Math.asin(Math.sqrt(chord)), degrees, compass: COMPASS[Math.round(degrees / 45) % 8] ?? 'n' }
}

/** The radius of a picture that holds a distance: a round number of metres. */
export function radiusFor(metres: number): number {
  for (let unit = 10; ; unit *= 10) for (const many of [1, 2, 5]) if (unit * many * 0.9 >= metres) return unit * many
}
