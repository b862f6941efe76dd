import { useWall, type Wall } from './wall.svelte.ts'

/** How many rows of a height fit into a box: a wall never scrolls, and shows no row by half. */
export class Fitting {
  /** Pixels; bound to the box's `clientHeight`. */
  height = $state(0)
  private readonly wall: Wall = useWall()
  private readonly row: number
  private readonly most: number

  /** `row` is the least that one takes, in the wall's units. */
  constructor(row: number, most: number) {
    this.row = row
    this.most = most
  }

  get count(): number {
    return Math.max(0, Math.min(this.most, Math.floor((this.height + 0.5) / (this.row * this.wall.unit))))
  }
}
