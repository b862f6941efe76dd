import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Words } from '../../words.ts'
import type { Entry } from './incident.ts'
import { incident } from './sample.ts'
import { addresseeIn, climbOf, sentenceOf } from './saying.ts'

const read = (part: string): Record<string, string> => JSON.parse(readFileSync(`src/words/${part}/id.json`, 'utf8')) as Record<string, string>
const words = new Words('id', { ...read('shared'), ...read('field'), ...read('board') })

test('what its climbing does next counts down by the clock of the operation', () => {
  const at = (time: string): number => Date.parse(`2024-11-27T${time}Z`)

  assert.deepEqual(climbOf(words, incident(1), at('00:02:50')), { text: 'naik ke kecamatan dalam 2:10', isSoon: true })
  assert.equal(climbOf(words, incident(1, { next_tier: 'kelurahan' }), at('00:00:00'))?.text, 'kelurahan diberi tahu dalam 5:00')
  assert.equal(climbOf(words, incident(1), at('00:06:00'))?.text, 'waktunya naik ke kecamatan')
  assert.equal(climbOf(words, incident(1, { escalation: 'accepted', next_at: '2024-11-27T02:05:00Z' }), at('00:00:00'))?.text, 'tanpa kabar: kecamatan diberi tahu dalam 2 jam 05 mnt')
  assert.equal(climbOf(words, incident(1, { escalation: 'stopped', next_at: null }), at('00:00:00')), null)
})

test('every action of the log reads as a sentence', () => {
  const naming = { placeOf: (code: string) => (code === '31.72' ? 'Jakarta Utara' : code), place: '31.72.01.1001.007' }
  const said = (action: string, details: Record<string, unknown> | null, by: string | null = 'ani'): string =>
    sentenceOf(words, { seq: 1, at: '2024-11-27T00:00:00Z', by, channel: 'desk', action, from_status: 'baru', to_status: 'baru', said: null, details } satisfies Entry, naming)

  assert.equal(said('acknowledgement', null), 'ani menerima kejadian ini.')
  assert.equal(said('step', { round: 1, step: 2, tier: 2, desk: '31.72' }, null), 'Jakarta Utara (kabupaten/kota) diberi tahu.')
  assert.equal(said('overdue', { due: 'resolution' }, null), 'Lewat tenggat: belum selesai.')
  assert.equal(said('owner', { username: 'ani' }), 'ani mengambil kejadian ini.')
  assert.equal(said('parent', { parent: null }), 'ani melepasnya dari kejadian induk.')
  assert.equal(said('advice', { addressee: '31.72' }), 'ani meminta saran posko Jakarta Utara.')
  assert.equal(said('directive_result', { number: 3, targets: 4, done: 3, refused: 1 }), 'Arahan #3 dijawab: 3 dari 4 dilaksanakan, 1 menolak.')
  assert.equal(said('something_later', null), 'ani: something_later')
  const MOVES = readFileSync('../../sql/migrations/0004_run_day.sql', 'utf8') + readFileSync('../../sql/migrations/0007_send_directives.sql', 'utf8') + readFileSync('../../sql/migrations/0009_mend_running_day.sql', 'utf8')
  const inserted = [...MOVES.matchAll(/insert into posko\.incident_move[\s\S]*?;/g)].join('\n')
  const statuses = new Set(['baru', 'diterima', 'ditangani', 'selesai', 'ditutup', 'dibuka_kembali', 'digabung', 'batal'])
  const actions = [...new Set([...inserted.matchAll(/'([a-z_]+)'/g)].map((found) => found[1] ?? ''))].filter((name) => !statuses.has(name))
  assert.ok(actions.length >= 28, String(actions.length))
  for (const action of actions) {
    const details = { username: 'budi', state: 'belum', due: 'resolution', severity: 'tinggi', category: 'logistik', number: 1, desk: '31.72', tier: 2 }
    const sentence = said(action, details)
    assert.ok(sentence !== `ani: ${action}` && !/[{}]|board\./.test(sentence), `${action}: ${sentence}`)
  }
  assert.equal(addresseeIn(words, 'dinas_damkar', naming), 'DINAS DAMKAR')
})
