import { contains } from './places.ts'
import type { Change, Delta, Row, Snapshot } from './wire.ts'

/** One topic as this client knows it: complete and consistent at `version`. Never changed in place. */
export interface View {
  topic: string
  version: number
  layout: number
  /** Server's time of the last frame that changed this view, RFC 3339. */
  at: string
  names: Record<string, string>
  /** Names of the counters; slot n of a vector is `counters[n - 1]`. */
  counters: string[]
  rows: ReadonlyMap<string, Row>
}

/** What followed from a frame: the view now, and the codes whose numbers moved. */
export interface Outcome {
  view: View | null
  changed: string[]
  /** `gap`: the frame does not fit what is known; subscribe again. */
  taken: 'applied' | 'dropped' | 'gap'
}

/** Applies one frame; `apply(view, frame)` of a delta equals the snapshot that the server would send now. */
export function apply(view: View | null, frame: Snapshot | Delta): Outcome {
  if (frame.type === 'snapshot') return replace(view, frame)
  if (view === null || view.layout !== frame.layout || frame.from > view.version) return { view, changed: [], taken: 'gap' }
  if (frame.to <= view.version) return { view, changed: [], taken: 'dropped' }
  return patch(view, frame)
}

/** The version of the lowest row that a place lies in: when it moves, something has happened there, counted or not. Null where none of its rows is shown. */
export function versionOver(view: View | null, place: string): number | null {
  const rows = [...(view?.rows.values() ?? [])].filter((row) => contains(row.code, place))
  return rows.length === 0 ? null : rows.reduce((lowest, row) => (row.code.length > lowest.code.length || lowest.code === 'ID' ? row : lowest)).version
}

function replace(view: View | null, frame: Snapshot): Outcome {
  const rows = new Map(frame.rows.map((row) => [row.code, row]))
  const before = view?.topic === frame.topic && view.layout === frame.layout ? view.rows : null
  const changed = before ? frame.rows.filter((row) => before.get(row.code)?.version !== row.version).map((row) => row.code) : []
  const { topic, version, layout, at, names, counters } = frame
  return { view: { topic, version, layout, at, names, counters, rows }, changed, taken: 'applied' }
}

function patch(view: View, frame: Delta): Outcome {
  const rows = new Map(view.rows)
  for (const change of frame.rows) {
    const row = rows.get(change.code)
    if (row === undefined) return { view, changed: [], taken: 'gap' }
    rows.set(change.code, changed(row, change))
  }
  const now = { ...view, version: frame.to, at: frame.at, rows }
  return { view: now, changed: frame.rows.map((row) => row.code), taken: 'applied' }
}

function changed(row: Row, change: Change): Row {
  const counters = [...(change.counters ?? row.counters)]
  for (const [slot, value] of Object.entries(change.set ?? {})) {
    while (counters.length < Number(slot)) counters.push(0)
    counters[Number(slot) - 1] = value
  }
  return { code: change.code, version: change.version, last_at: change.last_at ?? null, counters }
}
