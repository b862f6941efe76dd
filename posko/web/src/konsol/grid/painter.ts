/** Draws cells on a canvas that is as large as what is in sight: all of them when something moved, else only those that changed. */

import type { Cells } from './cells.ts'
import type { Coloured, Paint } from './colours.ts'
import { type Block, blocksWithin, type Layout } from './layout.ts'

/** Cells at least so large (CSS pixels) bear their number. */
const NUMBERED = 24
const DIM = 0.18

/** What is drawn. */
export interface Scene {
  cells: Cells
  coloured: Coloured
  layout: Layout
  nameOf: (code: string) => string
  /** Classes that are shown; the others fade. */
  isShown: (cls: number) => boolean
}

export class Painter {
  /** Frames that were drawn, and cells in them: what a measurement asks. */
  drawn = { frames: 0, cells: 0 }
  private scene: Scene | null = null
  private readonly canvas: HTMLCanvasElement
  private readonly context: CanvasRenderingContext2D
  private readonly dirty = new Set<number>()
  private isAllDirty = false
  private frame: number | null = null
  private sprites: HTMLCanvasElement | null = null
  private colours = new Map<string, string>()
  /** How far the layout is scrolled away above the canvas, and how much of it is in sight; CSS pixels. */
  private from = 0
  private height = 0

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d')
    if (!context) throw new Error('no canvas')
    this.canvas = canvas
    this.context = context
  }

  /** Another scene, light or size: everything is drawn anew. */
  show(scene: Scene, height: number): void {
    this.scene = scene
    this.height = height
    this.colours.clear()
    this.sprites = null
    const { ratio } = scene.layout
    const [wide, high] = [Math.round(scene.layout.width * ratio), Math.round(height * ratio)]
    if (this.canvas.width !== wide) this.canvas.width = wide
    if (this.canvas.height !== high) this.canvas.height = high
    this.all()
  }

  scroll(from: number): void {
    const ratio = this.scene?.layout.ratio ?? 1
    const whole = Math.round(from * ratio) / ratio
    if (whole === this.from) return
    this.from = whole
    this.all()
  }

  /** These cells have another class. */
  touch(cells: readonly number[]): void {
    if (this.isAllDirty) return
    for (const i of cells) this.dirty.add(i)
    this.soon()
  }

  stop(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame)
    this.frame = null
  }

  /** Draws at once, for paper. */
  now(): void {
    this.stop()
    this.draw()
  }

  private all(): void {
    this.isAllDirty = true
    this.dirty.clear()
    this.soon()
  }

  private soon(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      this.draw()
    })
  }

  private draw(): void {
    const { scene } = this
    if (!scene) return
    this.drawn.frames += 1
    if (this.isAllDirty) this.drawAll(scene)
    else for (const i of this.dirty) this.drawCell(scene, i, true)
    this.isAllDirty = false
    this.dirty.clear()
  }

  private drawAll(scene: Scene): void {
    const { context } = this
    const { ratio } = scene.layout
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, this.canvas.width, this.canvas.height)
    context.setTransform(ratio, 0, 0, ratio, 0, -this.from * ratio)
    this.drawBands(scene)
    const shown = blocksWithin(scene.layout, this.from, this.from + this.height)
    for (const block of shown) this.drawName(scene, block)
    context.setTransform(1, 0, 0, 1, 0, 0)
    for (const block of shown) for (let k = 0; k < block.count; k += 1) this.drawCell(scene, block.first + k, false)
  }

  private drawBands(scene: Scene): void {
    const { context } = this
    const { bandHeight, bands, width } = scene.layout
    context.textBaseline = 'alphabetic'
    for (const band of bands) {
      context.fillStyle = this.colour('--line')
      context.fillRect(0, band.y + bandHeight - 4, width, 1)
      context.fillStyle = this.colour('--ink')
      context.font = `650 ${bandHeight * 0.52}px ${this.colour('--font')}`
      context.fillText(scene.nameOf(band.code), 0, band.y + bandHeight - 9, width)
    }
  }

  private drawName(scene: Scene, block: Block): void {
    const { context } = this
    const { nameHeight } = scene.layout
    context.fillStyle = this.colour('--ink-2')
    context.textBaseline = 'alphabetic'
    context.font = `${nameHeight * 0.62}px ${this.colour('--font')}`
    context.fillText(fitting(context, scene.nameOf(block.code), block.width), block.x, block.y - nameHeight * 0.28)
  }

  private drawCell(scene: Scene, i: number, clears: boolean): void {
    const { context } = this
    const { layout } = scene
    const { ratio } = layout
    const [x, y] = [Math.round((layout.x[i] ?? 0) * ratio), Math.round(((layout.y[i] ?? 0) - this.from) * ratio)]
    const side = Math.round(layout.side * ratio)
    if (y + side < 0 || y > this.canvas.height) return
    this.drawn.cells += 1
    const cls = scene.coloured.classes[i] ?? 0
    if (clears) context.clearRect(x, y, side, side)
    context.globalAlpha = scene.isShown(cls) ? 1 : DIM
    context.drawImage((this.sprites ??= this.spritesOf(scene, side)), cls * side, 0, side, side, x, y, side, side)
    if (layout.side >= NUMBERED) this.number(scene, i, cls, x, y, side)
    context.globalAlpha = 1
  }

  private number(scene: Scene, i: number, cls: number, x: number, y: number, side: number): void {
    const { context } = this
    context.fillStyle = this.colour(scene.coloured.colouring.classes[cls]?.paint.text ?? '--ink')
    context.font = `600 ${Math.round(side * 0.36)}px ${this.colour('--font')}`
    context.textBaseline = 'top'
    context.fillText(String(scene.cells.numbers[i]), x + side * 0.1, y + side * 0.1)
  }

  /** Every class once, side by side: a cell is a copy of its own. */
  private spritesOf(scene: Scene, side: number): HTMLCanvasElement {
    const { classes } = scene.coloured.colouring
    const found = document.createElement('canvas')
    found.width = side * classes.length
    found.height = side
    const context = found.getContext('2d')
    if (!context) throw new Error('no canvas')
    // Beside a number there is room for the shape in one corner; what fills a cell fills it all the same.
    const isCornered = scene.layout.side >= NUMBERED
    classes.forEach(({ paint }, at) => this.sprite(context, paint, at * side, side, isCornered))
    return found
  }

  private sprite(context: CanvasRenderingContext2D, paint: Paint, x: number, side: number, isCornered: boolean): void {
    context.save()
    context.beginPath()
    context.rect(x, 0, side, side)
    context.clip()
    context.fillStyle = this.colour(paint.ground)
    context.fillRect(x, 0, side, side)
    if (paint.path && paint.ink) {
      const inset = isCornered ? side * 0.45 : 0
      context.translate(x + inset, inset)
      context.scale((side - inset) / 16, (side - inset) / 16)
      context.fillStyle = this.colour(paint.ink)
      context.fill(new Path2D(paint.path), 'evenodd')
    }
    context.restore()
  }

  private colour(token: string): string {
    let found = this.colours.get(token)
    if (found === undefined) {
      found = getComputedStyle(document.documentElement).getPropertyValue(token).trim()
      this.colours.set(token, found)
    }
    return found
  }
}

/** A name as far as it fits, with an ellipsis where it does not. */
function fitting(context: CanvasRenderingContext2D, name: string, width: number): string {
  if (context.measureText(name).width <= width) return name
  let [fits, not] = [0, name.length]
  while (not - fits > 1) {
    const half = (fits + not) >> 1
    if (context.measureText(`${name.slice(0, half)}…`).width <= width) fits = half
    else not = half
  }
  return `${name.slice(0, fits).trimEnd()}…`
}
