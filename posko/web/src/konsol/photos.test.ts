import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Content } from '../records.ts'
import { areBelow, mayHavePhotos } from './photos.ts'

const box: Content = { kind: 'custody', holder: 'tps', sealed: true }
const filmed: Content = { ...box, photos: [{ sha256: 'a', bytes: 1 }] }
const correction = (replacement?: Content): Content => ({ kind: 'correction', of: 'old', reason: 'salah', ...(replacement ? { replacement } : {}) })

test('what replaces a report may have its photos, what withdraws it has none', () => {
  const turnout: Content = { kind: 'turnout', dpt: { l: 1, p: 1 }, dptb: { l: 0, p: 0 }, dpk: { l: 0, p: 0 } }
  assert.deepEqual([filmed, box, correction(box), correction(turnout), correction()].map((content) => mayHavePhotos({ content })), [true, false, true, false, false])
})

test('photos stand once: beside what replaces their report where that is shown, else where they were', () => {
  const old = { id: 'old', corrected_by: 'new' }
  assert.equal(areBelow(old, [{ id: 'new', content: correction(box) }]), true)
  assert.equal(areBelow(old, [{ id: 'new', content: correction() }]), false)
  assert.equal(areBelow(old, [{ id: 'other', content: correction(box) }]), false)
  assert.equal(areBelow({ id: 'old', corrected_by: null }, [{ id: 'new', content: correction(box) }]), false)
})
