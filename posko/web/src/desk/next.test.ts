import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Seat, Shift } from '../accounts.ts'
import { mayKeep, peopleOf } from './next.ts'

test('a shift is handed to who may sit at this desk now', () => {
  const seat: Seat = { id: 1, role: 'operator', regions: ['31.72'], operation: 4, cleared: false, starts_at: '2024-11-27T00:00:00Z', ends_at: '2024-11-28T00:00:00Z' }
  const may = (more: Partial<Seat>, disabled_at: string | null = null, at = '2024-11-27T05:00:00Z'): boolean =>
    mayKeep({ kind: 'person', disabled_at, seats: [{ ...seat, ...more }] }, 4, '31.72.01', Date.parse(at))

  assert.deepEqual([may({}), may({ operation: null }), may({ role: 'supervisor', ends_at: null })], [true, true, true])
  assert.deepEqual([may({ role: 'petugas' }), may({ operation: 5 }), may({ regions: ['31.72.01.1001'] }), may({}, '2024-11-01T00:00:00Z')], [false, false, false, false])
  assert.deepEqual([may({}, null, '2024-11-26T23:00:00Z'), may({}, null, '2024-11-28T01:00:00Z')], [false, false])
})

test('offered is whoever sits or sat at the desk or over it, each once, and not oneself', () => {
  const shift = (username: string): Shift => ({ username, full_name: `Nama ${username}` }) as Shift
  const desks = [{ on_duty: [shift('saya'), shift('ani')], recent: [shift('budi')] }, { on_duty: [shift('ani')], recent: [] }]

  assert.deepEqual(peopleOf(desks, [{ username: 'cici', full_name: 'Cici' }], 'saya').map(({ username }) => username), ['ani', 'budi', 'cici'])
  assert.deepEqual(peopleOf([], [], 'saya'), [])
})
