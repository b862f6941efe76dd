import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { apply, type View } from './store.ts'
import type { Delta, Snapshot } from './wire.ts'

interface Case {
  name: string
  frames: (Snapshot | Delta)[]
  taken: string[]
  version: number | null
  rows: Record<string, number[]>
}

// The same cases hold the Python client to the same rules.
const cases = JSON.parse(readFileSync(resolve('../../tests/cases/view.json'), 'utf8')) as Case[]

function padded(view: View | null): Record<string, number[]> {
  const rows = [...(view?.rows ?? [])].map(([code, row]) => [code, view?.counters.map((_, slot) => row.counters[slot] ?? 0)] as const)
  return Object.fromEntries(rows) as Record<string, number[]>
}

for (const { name, frames, taken, version, rows } of cases) {
  test(name, () => {
    let view: View | null = null
    const took = frames.map((frame) => {
      const outcome = apply(view, structuredClone(frame))
      view = outcome.view
      return outcome.taken
    })

    assert.deepEqual(took, taken)
    assert.equal((view as View | null)?.version ?? null, version)
    assert.deepEqual(padded(view), rows)
  })
}

test('a view is never changed in place: what a screen holds stays what it was', () => {
  const [snapshot, delta] = cases.find((known) => known.frames.length === 2 && known.taken[1] === 'applied')?.frames ?? []
  assert.ok(snapshot && delta)
  const { view } = apply(null, snapshot)
  const before = JSON.stringify([...(view?.rows ?? [])])

  const { changed } = apply(view, delta)

  assert.equal(JSON.stringify([...(view?.rows ?? [])]), before)
  assert.deepEqual(changed, delta.rows.map((row) => row.code))
})
