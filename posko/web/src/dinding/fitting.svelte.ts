/** How many rows of a height fit into a box: a wall never scrolls, and shows no row by half. */
export class Fitting {
  /** Pixels; bound to the box's `clientHeight`. */
  height = $state(0)
  /** Pixels of one row, bound to the first one's `clientHeight`; 0 before there is one. */
  row = $state(0)
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  get count(): number {
    if (this.height === 0 || this.row === 0) return Math.min(1, this.most)
    return Math.max(0, Math.min(this.most, Math.floor((this.height + 0.5) / this.row)))
  }
}
