import assert from 'node:assert/strict'
import { test } from 'node:test'
import { climbOf, counterOf, desksTold, filtersOf as alarmFilters, newOnes, type Told, wantedOf as alarmsWanted } from './konsol/alarms/alarm.ts'
import { beyondIn, codesIn, type Counts, filledIn, movesOf, numbersOf, partsOf, sorted, targetsOf, textFor, unknownBlanks } from './konsol/directives/directive.ts'
import { PhoneBook } from './konsol/phoneBook.svelte.ts'
import { listIn, toDirective } from './konsol/listed.ts'
import { areSame, askedOf, orderedIn } from './konsol/directives/ordered.ts'
import { audienceOf, bodyOf, type Draft, missingOf, readDraft } from './konsol/directives/draft.ts'
import { filtersOf as deskFilters, isUnkept, numberOf, wantedOf as desksWanted } from './konsol/duty/desks.ts'
import { DayClock } from './konsol/dayClock.svelte.ts'
import { restOf, timeIn } from './konsol/reckoning.ts'
import { depthOver, mayAccept, mayAnswer, mayExplain, mayIssue } from './konsol/rights.ts'
import { fromField, remaining, roundedUp, toField } from './moments.ts'
import { timeAt } from './konsol/times.ts'
import { type Api, Refusal } from './http.ts'
import type { OperationDetail } from './records.ts'
import { parse } from './routes.ts'
import { uuid7 } from './uuid7.ts'
import { Words } from './words.ts'

const counts = (of: Partial<Counts>): Counts => ({ targets: 0, sent: 0, unanswered: 0, read: 0, accepted: 0, refused: 0, done: 0, overdue: 0, ...of })
const draft = (of: Partial<Draft> = {}): Draft => ({
  id: '01936b5e-77a0-7c3a-9d0e-1b2f3c4d5e6f',
  kind: 'perintah',
  requires: 'laksanakan',
  text: 'Periksa {place} sebelum {deadline}.',
  deadline: '2024-11-27T09:00',
  template: null,
  to: 'tps',
  region: '31.72.01',
  level: 4,
  pasted: '',
  isUnsure: false,
  ...of,
})

test('an id that a client makes begins with its moment and says its version', () => {
  const made = uuid7(Date.parse('2024-11-27T00:00:00Z'), new Uint8Array(10).fill(255))

  assert.equal(made, '01936aea-e800-7fff-bfff-ffffffffffff')
  assert.notEqual(uuid7(), uuid7())
})

test('a moment in a form is by the clock of the place', () => {
  const seven = Date.parse('2024-11-27T00:00:00Z')

  assert.equal(toField(seven, 7), '2024-11-27T07:00')
  assert.equal(toField(seven, 9), '2024-11-27T09:00')
  assert.equal(fromField('2024-11-27T07:00', 8), '2024-11-27T07:00:00+08:00')
  assert.equal(fromField('', 7), null)
  assert.equal(fromField('2024-13-27T07:00', 7), null)
  assert.equal(toField(roundedUp(seven + 61_000, 5), 7), '2024-11-27T07:05')
  assert.deepEqual([remaining(129_400), remaining(3_723_000), remaining(-5)], ['2:10', '1:02:03', '0:00'])
})

test('the clock of a drill runs at its own speed, from its own hour', () => {
  const reading = { at_ms: 1_000_000, speed: 300, read_ms: 50 }

  assert.equal(timeIn(reading, 1_050), 1_300_000)
  assert.equal(timeIn({ ...reading, speed: 0 }, 99_999), 1_000_000)
  // Nobody has vouched for it: a fast one stands, another goes on.
  assert.equal(timeIn(reading, 60_050), 1_000_000 + 2 * restOf(reading) * 300)
  assert.equal(timeIn({ ...reading, speed: 1 }, 600_050), 1_600_000)
  assert.deepEqual([0, 1, 20, 100, 1000].map((speed) => restOf({ ...reading, speed })), [30_000, 30_000, 15_000, 3_000, 2_000])
})

test('a clock that is shown waits where it is a little ahead, and goes back where it is much, or the server’s own did', async (t) => {
  let now_ms = 0
  t.mock.method(performance, 'now', () => now_ms)
  const answers = [
    { at: '2024-11-27T14:28:00Z', speed: 100 },
    { at: '2024-11-27T14:30:00Z', speed: 0 },
    { at: '2024-11-27T14:31:00Z', speed: 1 },
    { at: '2024-11-27T14:31:52Z', speed: 1 },
    { at: '2024-11-27T13:00:00Z', speed: 1 },
  ]
  const clock = new DayClock({ get: () => Promise.resolve(answers.shift()) } as unknown as Api, 1)
  const shown: string[] = []
  for (const later of [0, 5_400, 0, 60_000, 420_000]) {
    now_ms += later
    // A run begins with a reading; before it ends what was shown has ticked on.
    clock.tick()
    clock.run()()
    await new Promise((done) => setImmediate(done))
    shown.push(new Date(clock.now ?? 0).toISOString().slice(11, 19))
  }
  assert.deepEqual(shown, ['14:28:00', '14:30:00', '14:31:00', '14:32:00', '13:00:00'])
  assert.deepEqual([clock.until('2024-11-27T13:01:00Z'), clock.exactly], [60_000, Date.parse('2024-11-27T13:00:00Z')])
})

test('an alarm is taken on by the tier that it has climbed to, or above, and by no role that does not act', () => {
  const kelurahan = { role: 'operator', regions: ['31.72.01.1001'] } as const
  const kota = { role: 'supervisor', regions: ['31.72'] } as const

  assert.equal(mayAccept(kelurahan, '31.72.01.1001', 'kelurahan'), true)
  assert.equal(mayAccept(kelurahan, '31.72.01.1001', 'kecamatan'), false)
  assert.equal(mayAccept(kota, '31.72.01.1001', 'kecamatan'), true)
  assert.equal(mayAccept(kota, '31.72.01.1001', 'provinsi'), false)
  assert.equal(mayAccept(kota, '31.73.01.1001', 'kelurahan'), false)
  assert.equal(mayAccept({ role: 'auditor', regions: ['ID'] }, '31.72', 'kabkota'), false)
  assert.equal(mayAccept(null, '31.72', 'kabkota'), false)
  assert.equal(depthOver({ role: 'admin', regions: ['31.72.01', 'ID'] }, '31.72.01.1001'), 0)
})

test('who explains silence, who issues and who answers', () => {
  assert.equal(mayExplain({ role: 'operator', regions: ['31.72'] }, '31.72'), false)
  assert.equal(mayExplain({ role: 'supervisor', regions: ['31.72'] }, '31.72.01'), true)
  assert.equal(mayIssue({ role: 'operator', regions: ['31.72'] }, '31.72.01'), true)
  assert.equal(mayIssue({ role: 'operator', regions: ['31.72'] }, '31.72.01.1001.001'), false)
  assert.equal(mayIssue({ role: 'system', regions: ['31.72'] }, '31.72'), false)
  assert.equal(mayAnswer({ role: 'system', regions: ['31.72'] }, '31.72.01'), true)
  assert.equal(mayAnswer({ role: 'petugas', regions: ['31.72'] }, '31.72.01'), false)
})

test('an alarm of silence opens to the TPS that are overdue, one of a desk to none', () => {
  assert.equal(counterOf({ kind: 'belum_lapor', milestone: 'voting_open' }), 'milestone.voting_open.overdue')
  assert.equal(counterOf({ kind: 'kota_diam', milestone: 'oath' }), 'milestone.oath.overdue')
  assert.equal(counterOf({ kind: 'hadir', milestone: null }), null)
})

test('an alarm climbs, rests with whoever took it on, is held, or has nowhere to go', () => {
  const next_at = '2024-11-27T00:30:00Z'

  assert.equal(climbOf({ escalation: 'climbing', is_inhibited: false, next_at }), 'climbing')
  assert.equal(climbOf({ escalation: 'accepted', is_inhibited: false, next_at }), 'accepted')
  assert.equal(climbOf({ escalation: 'climbing', is_inhibited: true, next_at }), 'held')
  assert.equal(climbOf({ escalation: 'exhausted', is_inhibited: false, next_at: null }), 'top')
})

test('only what was not there before is news, and nothing is at first', () => {
  const [a, b, c] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]

  assert.deepEqual(newOnes(null, [a, b]), [])
  assert.deepEqual(newOnes([a, b], [c, b]), [c])
})

test('a desk that was told twice is named once, the highest first', () => {
  const told = (desk: string, at: string, outcome: Told['outcome'] = 'told'): Told => ({ desk, name: desk, tier: 'x', at, outcome })

  assert.deepEqual(
    desksTold([told('31.72.01.1001', '1'), told('31.72.01', '2', 'vacant'), told('31.72.01', '3')]).map(({ desk, at }) => `${desk} ${at}`),
    ['31.72.01 3', '31.72.01.1001 1'],
  )
})

test('filters survive the address, and what is no filter is none', () => {
  assert.deepEqual(alarmsWanted(alarmFilters({ isStanding: false, kind: 'hadir' })), { isStanding: false, kind: 'hadir' })
  assert.deepEqual(alarmsWanted({ jenis: 'x', status: 'y' }), { isStanding: true, kind: null })
  assert.deepEqual(desksWanted(deskFilters({ state: 'vacant', level: 4 })), { state: 'vacant', level: 4 })
  assert.deepEqual(desksWanted({ keadaan: 'vacant', jenjang: '6' }), { state: null, level: null })
  assert.deepEqual(targetsOf({ sasaran: 'overdue', di: '31.72.01' }, '31.72'), { shown: 'overdue', at: '31.72.01' })
  assert.deepEqual(targetsOf({ sasaran: 'x', di: '31.73' }, '31.72'), { shown: 'unanswered', at: '31.72' })
})

test('a place reads its own name and the deadline by its own clock', () => {
  const said = filledIn('{place} paling lambat {deadline}.', { place: '64.71.01.1001.002', name: 'TPS 002' }, Date.parse('2024-11-27T02:05:00Z'))

  assert.equal(said, 'TPS 002 paling lambat 27 Nov, 10.05 WITA.')
  assert.deepEqual(unknownBlanks('{place} {tempat} {deadline} {tenggat} {nama} {}'), ['nama', ''])
})

test('whoever sent it reads the text with what each place fills in only named', () => {
  const words = new Words('id', { 'directives.place': '[nama tempat]' })

  assert.equal(textFor(words, { text: '{place} sebelum {deadline}', deadline: '2024-11-27T02:05:00Z' }, '31.72'), '[nama tempat] sebelum 27 Nov, 09.05 WIB')
})

test('codes are read out of whatever was pasted, and what is none is said', () => {
  const found = codesIn('31.72.01.1001\n31.72.01.1001/007, 31.72.01.1001.01.003; Koja 31.72.01.1001 3172')

  assert.deepEqual(found.codes, ['31.72.01.1001', '31.72.01.1001.007', '31.72.01.1001.01.003'])
  assert.deepEqual(found.odd, ['Koja', '3172'])
})

test('a place is offered what it can say, what ends the directive first', () => {
  assert.deepEqual(movesOf({ requires: 'laksanakan', state: 'diterima', withdrawn_at: null }), ['completion', 'refusal'])
  assert.deepEqual(movesOf({ requires: 'baca', state: 'terkirim', withdrawn_at: null }), ['receipt'])
  assert.deepEqual(movesOf({ requires: 'jawab', state: 'dijawab', withdrawn_at: null }), [])
  assert.deepEqual(movesOf({ requires: 'jawab', state: 'terkirim', withdrawn_at: '2024-11-27T00:00:00Z' }), [])
})

test('the parts of a bar are of what was sent and never more than the whole', () => {
  const parts = partsOf(counts({ targets: 10, sent: 10, unanswered: 5, read: 8, refused: 1, done: 4, overdue: 3 }))

  assert.deepEqual(parts.map(({ name, share }) => `${name} ${share}`), ['done 40', 'refused 10', 'read 20', 'overdue 30'])
  assert.deepEqual(partsOf(counts({})).map(({ share }) => share), [0, 0, 0, 0])
})

test('regions are ordered by who owes the most, equal ones by code', () => {
  const row = (code: string, unanswered: number) => ({ code, name: code, level: 3, counts: counts({ unanswered }) })

  assert.deepEqual(sorted([row('3', 1), row('2', 4), row('1', 1)], 'unanswered').map(({ code }) => code), ['2', '1', '3'])
  assert.deepEqual(sorted([row('3', 1), row('2', 4), row('1', 1)], 'code').map(({ code }) => code), ['1', '2', '3'])
})

test('a draft says what it still misses and what would be sent of it', () => {
  const now = Date.parse('2024-11-27T01:00:00Z')

  assert.deepEqual(missingOf(draft(), '31.72', now), [])
  assert.deepEqual(missingOf(draft({ text: ' ', deadline: '', to: 'places' }), '31.72', now), ['to', 'text', 'deadline'])
  assert.deepEqual(missingOf(draft({ text: '{x}', deadline: '2024-11-27T08:00' }), '31.72', now), ['blanks', 'past'])
  assert.deepEqual(missingOf(draft({ text: 'NIK 3172011234567890 tolong dicek' }), '31.72', now), ['nik'])
  assert.deepEqual(audienceOf(draft({ to: 'places', pasted: '31.72.01 31.72.01' })), { kind: 'places', places: ['31.72.01'] })
  assert.deepEqual(bodyOf(draft({ to: 'desks', template: 'cek' }), { operation: 1, code: '31.72', incident: null }), {
    operation: 1,
    from: '31.72',
    kind: 'perintah',
    requires: 'laksanakan',
    text: 'Periksa {place} sebelum {deadline}.',
    deadline: '2024-11-27T09:00:00+07:00',
    to: { kind: 'desks', region: '31.72.01', level: 4 },
    template: 'cek',
  })
})

test('a draft keeps its id in the browser, and nonsense is no draft', () => {
  assert.equal(readDraft(JSON.stringify(draft()))?.id, draft().id)
  assert.deepEqual([readDraft(null), readDraft('{'), readDraft('{"id":1}')], [null, null, null])
})

test('desks add up over levels, and a roster that nobody keeps is said to be none', () => {
  const kept = [
    { level: 2, desks: 1, staffed: 1, absent: 0, vacant: 0 },
    { level: 4, desks: 4, staffed: 1, absent: 1, vacant: 2 },
  ]

  assert.deepEqual([numberOf(kept, 'desks'), numberOf(kept, 'vacant'), numberOf(kept, 'staffed', 4)], [5, 2, 1])
  assert.equal(isUnkept(kept), false)
  assert.equal(isUnkept([{ level: 4, desks: 4, staffed: 0, absent: 0, vacant: 4 }]), true)
  assert.equal(isUnkept([]), false)
})

test('a number of a directive is that of the list which it leads to', () => {
  // 10 sent: 3 done, 1 refused, 2 accepted so far, 1 only read, 3 untouched.
  const found = numbersOf(counts({ targets: 10, sent: 10, unanswered: 6, read: 7, accepted: 5, refused: 1, done: 3 }), 'laksanakan')

  assert.deepEqual(found.map(({ name, value, leads }) => `${name} ${value} ${leads}`), [
    'sent 10 semua',
    'done 3 dilaksanakan',
    'unanswered 6 unanswered',
    'refused 1 ditolak',
    'accepted 2 diterima',
    'read 1 dibaca',
  ])
  assert.deepEqual(
    numbersOf(counts({ targets: 2, sent: 2, unanswered: 1, read: 1, done: 1 }), 'baca').map(({ name, leads }) => `${name} ${leads}`),
    ['sent semua', 'done dibaca', 'unanswered unanswered'],
  )
})

test('a time has its day only where that is not today at the place', () => {
  const words = new Words('id', {})
  const now = Date.parse('2024-11-27T16:30:00Z')

  assert.equal(timeAt(words, '2024-11-27T16:05:00Z', 7, now), '23.05')
  assert.equal(timeAt(words, '2024-11-27T17:05:00Z', 7, now), '28 Nov, 00.05')
  assert.equal(timeAt(words, '2024-11-27T16:05:00Z', 8, now), '00.05')
})

/** Answers one page after the other. */
const answering = (...pages: object[]): Pick<Api, 'get'> => ({ get: (async () => pages.shift()) as Api['get'] })

test('a directive to the TPS of a list is for those below its desk, at most as many as it may name', async () => {
  const list = { counter: 'milestone.voting_open.unreported', code: '31.72.01' }
  const page = (codes: string[], next: string | null = null): object => ({ places: codes.map((code) => ({ code })), next })
  const many = Array.from({ length: 5_001 }, (_, n) => `31.72.01.1001.${n}`)

  const api = answering(page(['31.72.01', '31.72.01.1001.001'], '31.72.01.1001.001'), page(['31.72.01.1001.002']))
  assert.deepEqual(await orderedIn(api, 1, list, '31.72.01'), { codes: ['31.72.01.1001.001', '31.72.01.1001.002'], isWhole: true })
  assert.deepEqual(await orderedIn(answering(page(many)), 1, list, '31.72'), { codes: many.slice(0, 5_000), isWhole: false })
  assert.equal((await orderedIn(answering(page(many.slice(0, 5_000), 'more')), 1, list, '31.72')).isWhole, false)
  assert.deepEqual([areSame(['a', 'b'], ['b', 'a']), areSame(['a'], ['a', 'b']), areSame(['a', 'b'], ['a', 'c'])], [true, false, false])

  const address = parse(toDirective(1, '31.72', list))
  assert.deepEqual(address.page === 'view' && [address.view, address.subject, listIn(address.filters, address.code)], ['arahan', 'tulis', list])
  assert.equal(listIn({}, '31.72'), null)
})

test('a directive to a list asks for the milestone that the list is about, and leaves open what each place reads of itself', () => {
  const words = new Words('id', { 'write.list.text.overdue': '{what} di {place} (rencana {planned}) sebelum {deadline}', 'write.list.text.late': '{what} terlambat' })
  const operation = { milestones: [{ code: 'voting_open', day: 0, planned: '07:00:00', label_id: 'Pemungutan dibuka' }] } as unknown as OperationDetail

  assert.deepEqual(askedOf(words, operation, 'milestone.voting_open.overdue'), { requires: 'laksanakan', text: 'Pemungutan dibuka di {place} (rencana 07.00) sebelum {deadline}' })
  assert.equal(askedOf(words, operation, 'milestone.voting_open.late')?.requires, 'jawab')
  for (const counter of ['milestone.voting_open.reached', 'milestone.gone.late', 'turnout.tps']) assert.equal(askedOf(words, operation, counter), null)
})

test('whom to call is told by TPS, as far as there is a number and they have not left', async () => {
  const guard = (id: number, phone: string | null, ...posts: [string, string | null][]): object => ({ id, name: `Guard ${id}`, phone, posts: posts.map(([place, left_at]) => ({ place, left_at })) })
  const pages = [{ rows: [guard(1, '0811', ['a', null], ['b', null]), guard(2, null, ['a', null])], next: 2 }, { rows: [guard(3, '0813', ['a', null], ['c', '2024-11-27T00:00:00Z'])], next: null }]

  const asked: string[] = []
  const api = answering(...pages, { rows: [], next: null })
  const book = new PhoneBook({ get: ((path: string) => (asked.push(path), api.get(path))) as Api['get'] }, 1, '31.72')
  await book.read(['a', 'b', 'c'])
  assert.deepEqual([...book.found].map(([place, contacts]) => [place, contacts.map(({ phone }) => phone)]), [['a', ['0811', '0813']], ['b', ['0811']], ['c', []]])
  const question = '/v1/regions/31.72/guards?operation=1&limit=500&tps=a&tps=b&tps=c'
  assert.deepEqual(asked, [question, `${question}&after=2`])
})

test('whom to call about what could not be read is asked for again, and about nothing else', async () => {
  const answers = [() => Promise.reject(new Refusal(503, 'queue-full', null)), () => ({ rows: [], next: null })]
  const book = new PhoneBook({ get: (async () => answers.shift()?.()) as Api['get'] }, 1, '31.72')
  const many = Array.from({ length: 150 }, (_, n) => `31.72.01.1001.${n}`)

  await book.read(many)
  assert.deepEqual([book.missing, book.found.size], [many.slice(0, 100), 50])
  answers.push(() => ({ rows: [], next: null }))
  await book.retry()
  assert.deepEqual([book.missing, book.found.size], [[], 150])
})

test('places that are not there are named by their codes, not read out of a sentence', () => {
  const refused = (rule: string, codes?: string[]): Refusal => {
    const errors = [{ path: '$.to.places', rule, message: 'in whatever words', ...(codes && { codes }) }]
    return new Refusal(422, 'invalid', { type: '', title: '', status: 422, code: 'invalid', errors })
  }
  assert.equal(beyondIn(refused('place-below', ['31.73', '31.74'])), '31.73, 31.74')
  assert.equal(beyondIn(refused('level-below')), '')
  assert.equal(beyondIn(new Refusal(0, 'offline')), '')
})
