import uPlot from 'uplot'
import type { Words } from '../../words.ts'

/** One line of a chart. Dash and end label tell lines apart; colour only helps. */
export interface Series {
  key: string
  label: string
  x: readonly number[]
  y: readonly (number | null)[]
  /** Name of a colour token, without its dashes. */
  tone: string
  dash?: readonly number[]
  /** Drawn as columns from the ground, not as a line. */
  isColumns?: boolean
  isThin?: boolean
}

/** A stretch of time that is shaded: when something was planned, or where nobody sampled. */
export interface Band {
  from: number
  until: number
  label: string
  kind: 'plan' | 'gap'
}

export interface Chart {
  series: readonly Series[]
  bands: readonly Band[]
  from: number
  until: number
  /** Top of the scale at least. */
  top: number
  /** What 100 % is on a scale at the right; none: no such scale. */
  whole?: number
  isSmall?: boolean
}

export interface Look {
  words: Words
  /** Hours east of UTC of the place. */
  offset: number
  colour: (token: string) => string
  font: string
  /** Pixels of one rem, for what is drawn on a canvas. */
  rem: number
}

const HOUR_MS = 3_600_000

const seconds = new WeakMap<readonly number[], number[]>()

/** Times of a line as uPlot has them; one array for all charts that have the same. */
function secondsOf(times: readonly number[]): number[] {
  const found = seconds.get(times) ?? times.map((time) => time / 1000)
  seconds.set(times, found)
  return found
}

/** The columns that uPlot draws: one time axis for all lines, a line holds its value between its own times. */
export function columnsOf(series: readonly Series[]): uPlot.AlignedData {
  const [first] = series
  if (first && series.every((line) => line.x === first.x)) return [secondsOf(first.x), ...series.map((line) => line.y as (number | null)[])] // uPlot only reads
  const times = [...new Set(series.flatMap((line) => [...line.x]))].sort((a, b) => a - b)
  const lines = series.map((line) => {
    let next = 0
    let held: number | null | undefined
    return times.map((time) => {
      if (line.x[next] === time) {
        held = line.y[next]
        next += 1
      }
      const isOver = next >= line.x.length && time > (line.x.at(-1) ?? time)
      return isOver ? null : (held ?? null)
    })
  })
  return [times.map((time) => time / 1000), ...lines]
}

/** How a chart is drawn. Its data, span and bands may move on (`now`), what lines it has may not. */
export function optionsOf(now: () => Chart, look: Look, width: number, height: number, onPoint: (index: number | null) => void): uPlot.Options {
  const chart = now()
  const ink = look.colour('ink-3')
  const font = `${Math.round(0.75 * look.rem)}px ${look.font}`
  const grid = { stroke: look.colour('line'), width: 1 }
  const axis = { stroke: ink, font, grid, ticks: { show: false } } as const
  const columns = uPlot.paths.bars?.({ size: [1, Infinity], align: 1, gap: 0 })
  const steps = uPlot.paths.stepped?.({ align: 1 })
  return {
    width,
    height,
    // The hours of the place, whatever this machine's are: a clock that is so many hours ahead of UTC, read as UTC.
    tzDate: (time) => uPlot.tzDate(new Date(time * 1000), zoneName(look.offset)),
    padding: [0.7 * look.rem, chart.whole === undefined ? 1.3 * look.rem : 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false }, bind: { dblclick: () => null } },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: true, range: () => [now().from / 1000, now().until / 1000] },
      y: { range: (_, __, max) => [0, Math.max(now().top, max ?? 0, 1) * (chart.isSmall ? 1.02 : 1.04)] },
      ...(chart.whole === undefined ? {} : { share: { from: 'y', range: (_: uPlot, min: number, max: number): uPlot.Range.MinMax => [(min / (now().whole || 1)) * 100, (max / (now().whole || 1)) * 100] } }),
    },
    axes: [
      { ...axis, space: 4.2 * look.rem, size: 1.7 * look.rem, gap: 4, values: (_, splits) => hoursOf(splits, look, now().until - now().from) },
      { ...axis, size: (chart.isSmall ? 2.9 : 4) * look.rem, space: 2.2 * look.rem, gap: 4, incrs: WHOLE_STEPS, values: (_, splits) => splits.map((value) => look.words.number(value)) },
      ...(chart.whole === undefined ? [] : [{ ...axis, scale: 'share', side: 1 as const, size: 3 * look.rem, grid: { show: false }, values: (_: uPlot, splits: number[]) => splits.map((value) => look.words.share(value)) }]),
    ],
    series: [
      {},
      ...chart.series.map((line): uPlot.Series => ({
        label: line.label,
        stroke: look.colour(line.tone),
        width: line.isThin ? 1.5 : 2.25,
        points: { show: false },
        ...(line.dash ? { dash: [...line.dash] } : {}),
        ...(line.isColumns ? { fill: look.colour(line.tone), ...(columns ? { paths: columns } : {}) } : steps ? { paths: steps } : {}),
      })),
    ],
    hooks: {
      drawAxes: [(plot) => now().bands.forEach((band) => shade(plot, band, look))],
      setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)],
    },
  }
}

const WHOLE_STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 20_000, 25_000, 50_000, 100_000, 200_000, 250_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 50_000_000, 100_000_000]

export function zoneName(offset: number): string {
  return { 7: 'Asia/Jakarta', 8: 'Asia/Makassar', 9: 'Asia/Jayapura' }[offset] ?? 'Asia/Jakarta'
}

/** Hours and minutes; the day where it begins, or where the stretch is longer than a day. */
function hoursOf(splits: readonly number[], look: Look, stretch: number): string[] {
  const form = new Intl.DateTimeFormat('id-ID', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const days = new Intl.DateTimeFormat(look.words.language === 'id' ? 'id-ID' : 'en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' })
  return splits.map((split) => {
    const there = new Date(split * 1000 + look.offset * HOUR_MS)
    const isMidnight = there.getUTCHours() === 0 && there.getUTCMinutes() === 0
    return isMidnight && stretch > 6 * HOUR_MS ? days.format(there) : form.format(there)
  })
}

function shade(plot: uPlot, band: Band, look: Look): void {
  const { ctx, bbox } = plot
  const place = (time: number): number => Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(time / 1000, 'x', true)))
  const [left, right] = [place(band.from), Math.max(place(band.until), place(band.from) + 2)]
  if (band.until < (plot.scales.x?.min ?? 0) * 1000 || band.from > (plot.scales.x?.max ?? 0) * 1000) return
  ctx.save()
  if (band.kind === 'plan') {
    ctx.fillStyle = look.colour('accent-soft')
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    ctx.strokeStyle = look.colour('accent')
    ctx.lineWidth = devicePixelRatio
    ctx.beginPath()
    ctx.moveTo(left, bbox.top)
    ctx.lineTo(left, bbox.top + bbox.height)
    ctx.stroke()
  } else {
    ctx.beginPath()
    ctx.rect(left, bbox.top, right - left, bbox.height)
    ctx.clip()
    ctx.strokeStyle = look.colour('line-strong')
    ctx.lineWidth = devicePixelRatio
    const step = 8 * devicePixelRatio
    for (let x = left - bbox.height; x < right; x += step) {
      ctx.beginPath()
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(x + bbox.height, bbox.top)
      ctx.stroke()
    }
  }
  ctx.restore()
}
