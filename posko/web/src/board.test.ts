import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Apart, APART_MS } from './konsol/board/apart.ts'
import { degrees, draftOf, isComplete, localMoment, momentOf, sendingOf, undoOf, wantsWords } from './konsol/board/asking.ts'
import { filtersOf, lanesOf, matches, narrowings, numberIn, questionOf, wantedOf } from './konsol/board/filters.ts'
import type { Entry, Incident } from './konsol/board/incident.ts'
import { commandOf, type Pressed } from './konsol/board/keys.ts'
import { append, compare, newsOf, NOTHING, settle, take, trimmed } from './konsol/board/merging.ts'
import { actionsFor, coverOf, depthOf, desksOver, isAbove, tiersBelow } from './konsol/board/moves.ts'
import { addresseeIn, climbOf, sentenceOf } from './konsol/board/saying.ts'
import { uuid7 } from './uuid7.ts'
import { Counts, type Severity, slotsOf } from './counters.ts'
import { Words } from './words.ts'

const read = (part: string): Record<string, string> => JSON.parse(readFileSync(`src/words/${part}/id.json`, 'utf8')) as Record<string, string>
const words = new Words('id', { ...read('shared'), ...read('field'), ...read('board') })

function incident(number: number, more: Partial<Incident> = {}): Incident {
  return {
    id: `id-${number}`, operation: 1, number, place: '31.72.01.1001.007', place_name: 'TPS 007', region_name: 'Ancol', category: 'logistik', severity: 'sedang',
    alleged: null, occurrence: 'terjadi', people: null, summary: 'surat suara kurang', status: 'baru', verification: 'belum', proof: null, stage: 'pemungutan',
    tier: 'kelurahan', owner: null, reports: 1, children: 0, opened_at: '2024-11-27T00:00:00Z', acknowledge_by: '2024-11-27T00:10:00Z',
    resolve_by: '2024-11-27T02:00:00Z', acknowledged_at: null, resolved_at: null, closed_at: null, overdue_at: null, parent: null, merged_into: null,
    latitude: null, longitude: null, revote_kind: null, revote_decider: null, revote_by: null, revote_on: null, escalation: 'climbing',
    next_at: '2024-11-27T00:05:00Z', next_tier: 'kecamatan', held_until: null, version: number, changed_at: '2024-11-27T00:00:00Z', restricts: null, ...more,
  }
}

const idle = { order: 'baru', matches: () => true, end: null, isBusy: false } as const
const numbers = (rows: readonly Incident[]): number[] => rows.map((row) => row.number)

test('what arrives goes where it belongs: the last opened first, or the gravest before that', () => {
  const list = append(NOTHING, [incident(5), incident(3, { severity: 'kritis' })])

  assert.deepEqual(numbers(take(list, [incident(7), incident(6, { severity: 'tinggi' })], idle).rows), [7, 6, 5, 3])
  const gravest = { ...idle, order: 'berat' } as const
  assert.deepEqual(numbers(take(list, [incident(7), incident(6, { severity: 'tinggi' })], gravest).rows), [3, 6, 7, 5])
})

test('nothing moves while somebody is at work: rows change where they are, others wait and are let in', () => {
  const busy = { ...idle, matches: (row: Incident) => row.status === 'baru', isBusy: true }
  const list = append(NOTHING, [incident(5), incident(4)])

  const now = take(list, [incident(6), incident(5, { version: 9, status: 'diterima' })], busy)

  assert.deepEqual(numbers(now.rows), [5, 4])
  assert.equal(now.rows[0]?.status, 'diterima')
  assert.deepEqual([...now.gone], ['id-5'])
  assert.deepEqual(numbers(now.waiting), [6])
  const after = settle(now, 'baru')
  assert.deepEqual(numbers(after.rows), [6, 4])
  assert.deepEqual([after.waiting.length, after.gone.size], [0, 0])
})

test('what waits and has meanwhile been taken in hand by others never comes in', () => {
  const busy = { ...idle, matches: (row: Incident) => row.status === 'baru', isBusy: true }
  const waiting = take(append(NOTHING, [incident(4)]), [incident(6)], busy)

  assert.deepEqual(numbers(take(waiting, [incident(6, { version: 8, status: 'diterima' })], busy).waiting), [])
})

test('an older word never replaces a newer one, in whatever order they come', () => {
  const list = append(NOTHING, [incident(5, { version: 20, status: 'ditangani' })])

  assert.equal(take(list, [incident(5, { version: 12, status: 'diterima' })], idle).rows[0]?.status, 'ditangani')
  const twice = take(list, [incident(5, { version: 30, status: 'selesai' }), incident(5, { version: 25, status: 'diterima' })], idle)
  assert.equal(twice.rows[0]?.status, 'selesai')
})

test('what stands below the end of what was read comes with its page, once', () => {
  const list = append(NOTHING, [incident(50), incident(40)])
  const reading = { ...idle, end: { severity: 'sedang', number: 40 } } as const

  const now = take(list, [incident(12, { version: 99 }), incident(45)], reading)
  assert.deepEqual(numbers(now.rows), [50, 45, 40])
  assert.deepEqual(numbers(append(now, [incident(40), incident(12)]).rows), [50, 45, 40, 12])
})

test('changes of different incidents may come in any order', () => {
  const changes = [incident(1), incident(2, { severity: 'kritis' }), incident(3), incident(2, { version: 50, severity: 'rendah' }), incident(1, { version: 60, status: 'batal' })]
  const arranging = { ...idle, order: 'berat', matches: (row: Incident) => row.status !== 'batal' } as const
  const ends = [[0, 1, 2, 3, 4], [2, 1, 3, 0, 4], [0, 4, 1, 3, 2]].map((order) =>
    order.reduce((list, index) => take(list, changes.slice(index, index + 1), arranging), NOTHING),
  )

  for (const list of ends) assert.deepEqual(numbers(list.rows), [3, 2])
})

test('a list does not grow for ever by what arrives', () => {
  const rows = Array.from({ length: 30 }, (_, index) => incident(30 - index))

  assert.deepEqual(numbers(trimmed(rows, 3)), [30, 29, 28])
  assert.equal(trimmed(rows, 30), rows)
})

test('what is new or has become worse is told, once; what is only changed is not', () => {
  const known = incident(5)

  assert.equal(newsOf(undefined, incident(9), 8), 'new')
  assert.equal(newsOf(undefined, incident(7), 8), null)
  assert.equal(newsOf(known, incident(5, { version: 6, status: 'diterima' }), 8), null)
  assert.equal(newsOf(known, incident(5, { version: 6, severity: 'kritis' }), 8), 'worse')
  assert.equal(newsOf(known, incident(5, { version: 6, alleged: 'tinggi' }), 8), 'worse')
  assert.equal(newsOf(known, incident(5, { version: 6, severity: 'rendah' }), 8), null)
  assert.equal(newsOf(incident(5, { status: 'selesai' }), incident(5, { status: 'dibuka_kembali' }), 8), 'worse')
  assert.equal(newsOf(known, incident(5, { status: 'batal', severity: 'kritis' }), 8), null)
})

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
})

const seat = (role: 'operator' | 'supervisor' | 'auditor' | 'petugas', ...regions: string[]) => ({ role, regions })

test('who may do nothing is offered nothing; the tier that it has climbed to, or one above, may slow it', () => {
  assert.deepEqual(actionsFor(seat('auditor', 'ID'), incident(1)), [])
  assert.deepEqual(actionsFor(seat('petugas', '31.72.01.1001.007'), incident(1)), [])
  assert.deepEqual(actionsFor(seat('operator', '31.73'), incident(1)), [])
  const climbed = incident(1, { tier: 'kecamatan' })
  const below = actionsFor(seat('operator', '31.72.01.1001'), climbed)
  for (const action of ['acknowledgement', 'snooze', 'merge', 'delegation'] as const) assert.ok(!below.includes(action), action)
  for (const action of ['comment', 'escalation', 'directive', 'request'] as const) assert.ok(below.includes(action), action)
  assert.ok(actionsFor(seat('operator', '31.72'), climbed).includes('acknowledgement'))
  assert.deepEqual([isAbove(seat('operator', '31.72.01.1001'), climbed), isAbove(seat('operator', '31.72.01'), climbed)], [true, false])
})

test('what is possible follows the status', () => {
  const of = (more: Partial<Incident>) => actionsFor(seat('supervisor', '31.72'), incident(1, more))

  assert.ok(!of({}).includes('resolution'))
  const accepted = of({ status: 'diterima', acknowledged_at: '2024-11-27T00:02:00Z', escalation: 'accepted' })
  assert.ok(accepted.includes('handling') && accepted.includes('resolution') && !accepted.includes('acknowledgement'))
  assert.ok(of({ status: 'diterima', acknowledged_at: '2024-11-27T00:02:00Z', escalation: 'climbing' }).includes('acknowledgement'))
  assert.deepEqual(of({ status: 'batal' }), ['comment'])
  assert.ok(of({ status: 'selesai' }).includes('closure') && of({ status: 'selesai' }).includes('reopening'))
  assert.ok(!of({ held_until: '2024-11-27T01:00:00Z', next_at: '2024-11-27T01:00:00Z' }).includes('snooze'))
  assert.ok(!actionsFor(seat('operator', '31.72'), incident(1)).includes('revote') && of({}).includes('revote'))
})

test('levels, covers and desks follow from codes', () => {
  assert.deepEqual(['ID', '31', '31.72', '31.72.01', '31.72.01.1001', '31.72.01.1001.02', '31.72.01.1001.007'].map(depthOf), [0, 1, 2, 3, 4, 5, 6])
  assert.equal(coverOf({ regions: ['31.72.01.1001', '31.72.01', '31.73'] }, '31.72.01.1001.007'), '31.72.01')
  assert.equal(coverOf({ regions: ['31.73'] }, '31.72.01.1001.007'), null)
  assert.deepEqual(desksOver('31.72', '31.72.01.1001.007'), ['31.72', '31.72.01', '31.72.01.1001'])
  assert.deepEqual(tiersBelow(incident(1, { tier: 'kabkota' })), ['kecamatan', 'kelurahan', 'dusun'])
})

test('keys do nothing while somebody writes, with a modifier, or turned off; Escape and arrows go on', () => {
  const key = (name: string, more: Partial<Pressed> = {}): Pressed => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...more })

  assert.deepEqual(['j', 'K', 'a', 'e', 'd', 'm', 's', 'r', 'c', '/', '?'].map((name) => commandOf(key(name), false, false, true)), ['next', 'previous', 'acknowledgement', 'escalation', 'directive', 'merge', 'snooze', 'resolution', 'comment', 'search', 'help'])
  assert.equal(commandOf(key('a'), true, false, true), null)
  assert.equal(commandOf(key('a', { ctrlKey: true }), false, false, true), null)
  assert.equal(commandOf(key('a'), false, false, false), null)
  assert.deepEqual([commandOf(key('Escape'), false, false, false), commandOf(key('ArrowDown'), false, true, false), commandOf(key('ArrowDown'), false, false, true)], ['close', 'next', null])
})

test('what its climbing does next counts down by the clock of the operation', () => {
  const at = (time: string): number => Date.parse(`2024-11-27T${time}Z`)

  assert.deepEqual(climbOf(words, incident(1), at('00:02:50')), { text: 'naik ke kecamatan dalam 2:10', isSoon: true })
  assert.equal(climbOf(words, incident(1, { next_tier: 'kelurahan' }), at('00:00:00'))?.text, 'kelurahan diberi tahu dalam 5:00')
  assert.equal(climbOf(words, incident(1), at('00:06:00'))?.text, 'naik ke kecamatan sekarang')
  assert.equal(climbOf(words, incident(1, { escalation: 'accepted', next_at: '2024-11-27T02:05:00Z' }), at('00:00:00'))?.text, 'tanpa kabar: kecamatan diberi tahu dalam 2 jam 05 mnt')
  assert.equal(climbOf(words, incident(1, { escalation: 'stopped', next_at: null }), at('00:00:00')), null)
})

test('every action of the log reads as a sentence', () => {
  const naming = { placeOf: (code: string) => (code === '31.72' ? 'Jakarta Utara' : code), place: '31.72.01.1001.007' }
  const said = (action: string, details: Record<string, unknown> | null, by: string | null = 'ani'): string =>
    sentenceOf(words, { seq: 1, at: '2024-11-27T00:00:00Z', by, channel: 'desk', action, from_status: 'baru', to_status: 'baru', said: null, details } satisfies Entry, naming)

  assert.equal(said('acknowledgement', null), 'ani menerima kejadian ini.')
  assert.equal(said('step', { round: 1, step: 2, tier: 2, desk: '31.72' }, null), 'Jakarta Utara (kota/kabupaten) diberi tahu.')
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

test('a form is sent when it says what its action wants, in three letters at least', () => {
  const one = incident(1)
  const draft = draftOf(one, null)

  assert.equal(isComplete('resolution', { ...draft, said: ' ok ' }), false)
  assert.equal(isComplete('resolution', { ...draft, said: 'air surut' }), true)
  assert.deepEqual([isComplete('closure', draft), isComplete('closure', { ...draft, said: 'ok' })], [true, false])
  assert.equal(isComplete('merge', { ...draft, said: 'kejadian sama' }), false)
  assert.equal(wantsWords('verification', { ...draft, state: 'tidak_benar' }), false)
  assert.equal(isComplete('verification', { ...draft, state: 'terverifikasi' }), false)
  assert.equal(isComplete('location', { ...draft, latitude: '-6,12', longitude: '106.8' }), true)
  assert.deepEqual([degrees('91', 90), degrees('', 90), degrees('-6,5', 90)], [null, null, -6.5])
})

test('an action is the request that the protocol has for it', () => {
  const one = incident(1, { latitude: -6, longitude: 106, owner: 'budi' })
  const draft = { ...draftOf(one, incident(2)), said: 'kejadian yang sama', by: '2024-12-07' }
  const path = `/v1/incidents/${one.id}`

  assert.deepEqual(sendingOf('merge', one, draft, '+07:00'), { method: 'put', path: `${path}/merge`, body: { into: 'id-2', said: 'kejadian yang sama' } })
  assert.deepEqual(sendingOf('answer', one, draft, '+07:00', 3), { method: 'put', path: `${path}/requests/3/answer`, body: { said: 'kejadian yang sama' } })
  assert.deepEqual(sendingOf('revote', one, draft, '+08:00').body, { kind: 'psu', decider: 'KPU', by: '2024-12-07T23:59:00+08:00', said: 'kejadian yang sama' })
  assert.equal(sendingOf('void', one, draft, '+07:00').path, '/v1/approvals')
  assert.deepEqual(undoOf('owner', one)?.body, { username: 'budi' })
  assert.equal(undoOf('merge', one), null)
  assert.equal(momentOf('2024-12-07T10:30', '+09:00'), '2024-12-07T10:30:00+09:00')
  assert.equal(localMoment(Date.parse('2024-11-27T00:03:01Z'), 7), '2024-11-27T07:03:01+07:00')
})

test('ids that are made here are UUIDv7 of their moment', () => {
  const id = uuid7(Date.parse('2024-11-27T00:00:00Z'), new Uint8Array(10).fill(255))

  assert.equal(id, '01936aea-e800-7fff-bfff-ffffffffffff')
  assert.ok(uuid7(1_000) < uuid7(2_000))
  assert.match(uuid7(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('rows stand by severity, then by number', () => {
  assert.ok(compare('berat', incident(1, { severity: 'kritis' }), incident(9, { severity: 'tinggi' })) < 0)
  assert.ok(compare('baru', incident(1, { severity: 'kritis' }), incident(9, { severity: 'tinggi' })) > 0)
})

test('a grave incident that comes while another sounds is heard right after it, and the lesser ones in between are not', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const heard: [Severity, number][] = []
  const apart = new Apart((severity) => heard.push([severity, now]), () => now)
  const pass = (ms: number): void => {
    now += ms
    t.mock.timers.tick(ms)
  }

  for (const severity of ['rendah', 'sedang', 'kritis', 'tinggi'] as const) apart.play(severity)
  assert.deepEqual(heard, [['rendah', 0]])
  pass(APART_MS - 1)
  assert.equal(heard.length, 1)
  pass(1)
  assert.deepEqual(heard[1], ['kritis', APART_MS])

  apart.play('sedang')
  apart.stop()
  pass(APART_MS)
  assert.equal(heard.length, 2)
  apart.play('sedang')
  assert.deepEqual(heard[2], ['sedang', 2 * APART_MS])
})

test('what was kept is heard with the next that comes, where a sleeping page has let its time pass', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const heard: Severity[] = []
  const apart = new Apart((severity) => heard.push(severity), () => now)

  apart.play('rendah')
  apart.play('kritis')
  now = 60_000
  apart.play('sedang')
  assert.deepEqual(heard, ['rendah', 'kritis'])
  t.mock.timers.tick(60_000)
  assert.deepEqual(heard, ['rendah', 'kritis'])
})
