/** The place in a ring that lies `step` further; the first where the current one is not in it. */
export function further<T>(ring: readonly T[], current: T, step: number): T | undefined {
  const at = ring.indexOf(current)
  return at < 0 ? ring[0] : ring[(at + step + ring.length) % ring.length]
}

/** `count` items around the one that matters now: mostly what came before it, and a few of what is next. */
export function around<T>(items: readonly T[], index: number, count: number): T[] {
  const first = Math.min(Math.max(0, index - Math.ceil(count * 0.6) + 1), Math.max(0, items.length - count))
  return items.slice(first, first + count)
}
