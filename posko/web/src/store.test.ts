import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { apply, versionOver, type View } from './store.ts'
import type { Delta, Row, Snapshot } from './wire.ts'

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

test('the version over a place is that of the lowest row that it lies in', () => {
  const row = (code: string, version: number): [string, Row] => [code, { code, version, counters: [] }]
  const view = { topic: '1:ID', version: 9, layout: 1, at: '', names: {}, counters: [], rows: new Map([row('ID', 9), row('31', 7), row('32', 8)]) }

  assert.equal(versionOver(view, '31.72.01.1001.007'), 7)
  assert.equal(versionOver(view, '33.01'), 9)
  assert.equal(versionOver({ ...view, rows: new Map([row('32', 8)]) }, '31.72'), null)
  assert.equal(versionOver(null, '31'), null)
})
