import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counts, slotsOf } from '../../counters.ts'
import { filtersOf, lanesOf, matches, narrowings, numberIn, questionOf, totalOf, wantedOf } from './filters.ts'
import { incident } from './sample.ts'

test('filters survive their address; what an address asks wrongly is not asked', () => {
  const wanted = wantedOf({ tab: 'ditangani', status: 'ditangani', tingkat: 'rendah,kritis', kategori: 'bencana.banjir', jenjang: 'kecamatan', lewat: 'ya', milik: 'saya', pantau: 'ya', cari: ' perahu ', urut: 'baru', lajur: 'terbatas' })

  assert.deepEqual(wanted.severities, ['kritis', 'rendah'])
  assert.deepEqual(wantedOf(filtersOf(wanted)), wanted)
  assert.equal(narrowings(wanted), 8)
  const wrong = wantedOf({ tab: 'x', status: 'selesai', tingkat: 'parah', kategori: "'; drop", jenjang: 'rt', urut: '?' })
  assert.deepEqual(wrong, wantedOf({}))
  assert.deepEqual(Object.values(filtersOf(wrong)).filter(Boolean), [])
})

test('the server is asked for what the address says, lane by lane', () => {
  const wanted = wantedOf({ tingkat: 'kritis,sedang', milik: 'saya', cari: 'air' })

  assert.deepEqual(lanesOf(wanted), [['kritis'], ['sedang']])
  assert.equal(String(questionOf(wanted, ['kritis'], 'ani')), 'status=baru&status=dibuka_kembali&severity=kritis&owner=ani&q=air')
  assert.deepEqual(lanesOf(wantedOf({ urut: 'baru' })), [[]])
  assert.deepEqual(['7', '#7', 'a', 'ai'].map((cari) => questionOf(wantedOf({ cari }), [], 'ani').get('q')), ['7', '#7', null, 'ai'])
})

test('an incident is among those asked for by what it says of itself', () => {
  const mine = wantedOf({ tab: 'ditangani', kategori: 'bencana', milik: 'saya', lewat: 'ya' })
  const one = incident(1, { status: 'diterima', category: 'bencana.banjir', owner: 'ani', overdue_at: '2024-11-27T01:00:00Z' })

  assert.equal(matches(mine, one, 'ani'), true)
  for (const other of [{ status: 'baru' }, { category: 'bencanas' }, { owner: 'budi' }, { overdue_at: null }] as const) assert.equal(matches(mine, { ...one, ...other }, 'ani'), false)
})

test('the number of a tab is that of the counters', () => {
  const names = ['case.baru.kritis', 'case.baru.rendah', 'case.dibuka_kembali.kritis', 'case.diterima.kritis', 'case.ditutup.sedang']
  const counts = new Counts(slotsOf(names), [1, 2, 4, 8, 16])

  assert.deepEqual([numberIn(counts, 'perlu', []), numberIn(counts, 'perlu', ['kritis']), numberIn(counts, 'semua', [])], [7, 5, 31])
  assert.deepEqual([{}, { tingkat: 'kritis' }, { tab: 'semua' }, { cari: 'air' }, { lajur: 'terbatas' }].map((asked) => totalOf(counts, wantedOf(asked))), [7, 5, null, null, null])
})
