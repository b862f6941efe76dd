/** What all sizes on a wall are shares of, in pixels, for it is read from afar: a hundredth of the width of a screen that lies, less of one that stands. */
export function unitOf(width: number, height: number): number {
  return width < height ? Math.min(width / 37, height / 78) : Math.min(width / 100, height / 56.25)
}
