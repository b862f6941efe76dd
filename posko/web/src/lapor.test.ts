import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { actsOf, inOrder } from './lapor/arahan/order.ts'
import { ballotsChecks, type Beside, countChecks, countsFromOf, isBlocked, mostOf, numberChecks, textChecks, turnoutChecks } from './lapor/checks.ts'
import type { Obligation, Received } from './lapor/due.ts'
import { daysBefore, hourOf, momentOf, toHour, toObserved } from './lapor/hour.ts'
import { countTextOf, textPlaceOf, wordOf } from './lapor/paper/texts.ts'
import { inNeed, isPartOnly, matching, type Place, typedCode } from './lapor/places/search.ts'
import { FORMS, parse, tabOf, TABS, toForm, toItem, toNotPossible } from './lapor/routes.ts'
import { isBrokenElsewhere, latestOf } from './lapor/form/beside.ts'
import type { Lapor } from './lapor/lapor.svelte.ts'
import { type Filed, filedOf, isUnlikelyNow, nextOf, type Outgoing, tasksOf } from './lapor/tasks.ts'
import { hourIn } from './lapor/tugas/hours.ts'
import { fateOf, receiptOf, remedyIn, saidOf, sentenceOf, titleOf, type Told, whyIn } from './lapor/telling.ts'
import type { Content } from './records.ts'
import { Words } from './words.ts'

const read = (part: string): Record<string, string> => JSON.parse(readFileSync(`src/words/${part}/id.json`, 'utf8')) as Record<string, string>
const words = new Words('id', { ...read('shared'), ...read('field'), ...read('lapor'), ...read('formulir') })
const PLACE = '31.72.01.1001.007'
const at = (hour: string, day = 27): number => Date.parse(`2024-11-${day}T${hour}:00+07:00`)
const iso = (hour: string, day = 27): string => new Date(at(hour, day)).toISOString()

function owed(milestone: string, planned: string, more: Partial<Obligation> = {}): Obligation {
  const due = new Date(at(planned) + 15 * 60_000).toISOString()
  return { milestone, label_id: milestone, label_en: milestone, planned_at: iso(planned), due_at: due, state: 'pending', met_at: null, met_by: null, excused_why: null, excused_by: null, excused_at: null, revote: null, vote_on: null, ...more }
}

let orders = 0
function item(content: Content, more: Partial<Outgoing> & { hour?: string } = {}): Outgoing & Told {
  orders += 1
  return {
    id: more.id ?? `01936b5e-77a0-7c3a-9d0e-00000000${String(orders).padStart(4, '0')}`,
    order: orders,
    standing: (more.standing ?? 'antre') as Told['standing'],
    report: { place: PLACE, operation: 1, observed_at: `2024-11-27T${more.hour ?? '07:03'}:00+07:00`, content },
    receipt: null,
    refusal: null,
  }
}

const reached = (milestone: string): Content => ({ kind: 'milestone', milestone })

test('an hour is read as the language writes it', () => {
  assert.equal(hourOf(words, at('07:03'), 7), '07.03')
  assert.equal(hourOf(new Words('en', {}), at('07:03'), 7), '07:03')
})

test('an hour is the clock of the TPS, and one that has not come was yesterday', () => {
  const now = at('07:03') + 21_000

  assert.equal(toObserved(now, 7), '2024-11-27T07:03:21+07:00')
  assert.equal(toObserved(now, 9), '2024-11-27T09:03:21+09:00')
  assert.equal(toHour(now, 8), '08:03')
  assert.equal(momentOf('07:03', now, 7), now)
  assert.equal(momentOf('06:55', now, 7), at('06:55'))
  assert.equal(momentOf('07:05', now, 7), at('07:05'))
  assert.equal(momentOf('23:40', now, 7), at('23:40', 26))
  assert.equal(momentOf('00:30', at('00:10'), 7), at('00:30', 26))
  assert.deepEqual(['24:00', '7:03', '', 'x'].map((hour) => momentOf(hour, now, 7)), [null, null, null, null])
  assert.equal(daysBefore(at('23:40', 26), now, 7), 1)
  assert.equal(daysBefore(at('00:01'), at('23:59'), 7), 0)
})

test('a milestone says its plan and past when it is late, before it is due and after', () => {
  const said = (hour: string, more: Partial<Obligation> = {}): string => tasksOf([owed('voting_open', '07:00', more)], [], at(hour)).map((task) => hourIn(words, task, at(hour), 7)).join()

  assert.equal(said('06:00'), 'rencana 07.00, batas 07.15')
  assert.equal(said('07:10'), 'rencana 07.00, batas 07.15')
  assert.equal(said('07:45'), 'lewat 30 mnt: rencana 07.00, batas 07.15')
  assert.equal(said('07:45', { state: 'late', met_at: iso('07:20') }), 'terlaksana 07.20, terlambat (batas 07.15)')
})

test('what is due now comes before what is late, and what is late in the order of the day', () => {
  const obligations = [owed('kpps_present', '06:00'), owed('oath', '06:30'), owed('voting_open', '07:00'), owed('voting_closed', '13:00')]
  const next = (hour: string, items: Outgoing[] = []): string | undefined => nextOf(tasksOf(obligations, filedOf(items, 1, PLACE), at(hour)), at(hour))?.code

  assert.equal(next('04:30'), undefined)
  assert.equal(next('05:10'), 'kpps_present')
  assert.equal(next('07:03'), 'voting_open')
  assert.equal(next('07:16'), 'kpps_present')
  assert.equal(next('07:16', [item(reached('kpps_present')), item(reached('oath')), item(reached('voting_open'))]), undefined)
  assert.deepEqual(tasksOf(obligations, [], at('07:03')).map(({ when }) => when), ['terlambat', 'terlambat', 'sekarang', 'nanti'])
})

test('the hour is asked for where it is hardly now: an hour past the limit, once a later milestone is done, or a quarter of an hour before the plan', () => {
  const obligations = [owed('kpps_present', '06:00'), owed('voting_open', '07:00')]
  const asked = (hour: string, items: Outgoing[] = []): boolean[] => {
    const tasks = tasksOf(obligations, filedOf(items, 1, PLACE), at(hour))
    return tasks.map((task) => isUnlikelyNow(task, tasks, at(hour)))
  }

  assert.deepEqual(asked('05:40'), [true, true])
  assert.deepEqual(asked('05:45'), [false, true])
  assert.deepEqual(asked('07:10'), [false, false])
  assert.deepEqual(asked('07:16'), [true, false])
  assert.deepEqual(asked('07:05', [item(reached('voting_open'))]), [true, false])
  assert.deepEqual(asked('08:16'), [true, true])
})

test('what waits here counts as done, with its hour; what was refused, withdrawn or filed elsewhere does not', () => {
  const obligations = [owed('voting_open', '07:00')]
  const task = (items: Outgoing[]) => tasksOf(obligations, filedOf(items, 1, PLACE), at('07:20'))[0]
  const open = item(reached('voting_open'), { hour: '07:18' })

  assert.deepEqual([task([open])?.when, task([open])?.isQueued, task([open])?.isLate, task([open])?.at], ['selesai', true, true, at('07:18')])
  assert.equal(task([{ ...open, standing: 'ditolak' }])?.when, 'terlambat')
  assert.equal(task([open, item({ kind: 'correction', of: open.id, reason: 'salah TPS' })])?.when, 'terlambat')
  assert.equal(task([{ ...open, report: { ...open.report, place: '31.72.01.1001.008' } }])?.when, 'terlambat')
  const corrected = task([item({ kind: 'correction', of: open.id, reason: 'salah jam', replacement: reached('voting_open') }, { hour: '07:02' }), open])
  assert.deepEqual([corrected?.at, corrected?.isLate], [at('07:02'), false])
  assert.equal(task([{ ...open, standing: 'diterima' }])?.isQueued, false)
})

test('reached beats not possible, the first observed word counts, and the server has the last word on what it knows', () => {
  const not: Content = { kind: 'milestone', milestone: 'voting_open', possible: false, reason: 'banjir' }
  const task = (obligation: Obligation, items: Outgoing[]) => tasksOf([obligation], filedOf(items, 1, PLACE), at('08:00'))[0]

  assert.deepEqual([task(owed('voting_open', '07:00'), [item(not)])?.when, task(owed('voting_open', '07:00'), [item(not)])?.why], ['tidak_bisa', 'banjir'])
  const both = task(owed('voting_open', '07:00'), [item(not, { hour: '06:50' }), item(reached('voting_open'), { hour: '07:30' }), item(reached('voting_open'), { hour: '07:10' })])
  assert.deepEqual([both?.when, both?.at], ['selesai', at('07:10')])
  const known = task(owed('voting_open', '07:00', { state: 'late', met_at: iso('07:25') }), [item(reached('voting_open'), { standing: 'diterima' })])
  assert.deepEqual([known?.at, known?.isLate], [at('07:25'), true])
  assert.deepEqual([task(owed('voting_open', '07:00', { state: 'excused', excused_why: 'pss' }), [])?.when], ['dikecualikan'])
})

test('the last word on numbers is the latest observed', () => {
  const turnout = (l: number): Content => ({ kind: 'turnout', dpt: { l, p: 0 }, dptb: { l: 0, p: 0 }, dpk: { l: 0, p: 0 } })
  const filed = filedOf([item(turnout(50), { hour: '10:00' }), item(turnout(20), { hour: '09:00' })], 1, PLACE)
  const ballots = (contest: string, used: number): Content => ({ kind: 'ballots', contest, received: 308, used, spoilt: 0, unused: 0 })

  assert.equal(latestOf(filed, 'turnout')?.dpt.l, 50)
  assert.equal(latestOf(filedOf([item(ballots('gubernur', 1)), item(ballots('bupati_walikota', 2))], 1, PLACE), 'ballots', 'gubernur')?.used, 1)
  assert.equal(latestOf(filed, 'count'), null)
})

const BESIDE: Beside = { dpt: { l: 140, p: 160 }, isEstimated: false, opened: null, users: null, used: null, hasGubernur: true, countsFrom: countsFromOf('2024-11-27', 7), observed: at('15:00') }
const keys = (checks: { key: string }[]): string[] => checks.map(({ key }) => key.replace('lapor.check.', ''))

test('turnout is held against the DPT and what was said before', () => {
  const turnout = (l: number, p: number, disabled = 0) => ({ kind: 'turnout' as const, dpt: { l, p }, dptb: { l: 0, p: 0 }, dpk: { l: 0, p: 0 }, disabled: { l: disabled, p: 0 } })

  assert.equal(mostOf({ l: 140, p: 160 }), 308)
  assert.equal(mostOf({ l: 200, p: 200 }), 410)
  assert.deepEqual(keys(turnoutChecks(turnout(140, 160), BESIDE)), [])
  assert.deepEqual(keys(turnoutChecks({ ...turnout(140, 160), dpk: { l: 8, p: 0 } }, BESIDE)), [])
  assert.deepEqual(keys(turnoutChecks({ ...turnout(140, 160), dpk: { l: 9, p: 0 } }, BESIDE)), ['turnout_over'])
  const flagged = turnoutChecks({ ...turnout(400, 160), disabled: { l: 900, p: 0 } }, BESIDE).filter(({ flag }) => flag)
  assert.deepEqual(keys(flagged), ['turnout_over', 'disabled_over'], 'supervisors are promised no flag that the server does not raise')
  assert.deepEqual(keys(turnoutChecks(turnout(141, 161), BESIDE)), ['dpt_l', 'dpt_p'])
  const flagsOf = (known: Beside): unknown[] => turnoutChecks(turnout(141, 161), known).map(({ flag }) => flag)
  assert.deepEqual([flagsOf(BESIDE), flagsOf({ ...BESIDE, isEstimated: true })], [['dpt_over', 'dpt_over'], [undefined, undefined]])
  assert.deepEqual(keys(turnoutChecks(turnout(1, 0), { ...BESIDE, opened: at('15:01') })), ['before_open'])
  assert.deepEqual(keys(turnoutChecks(turnout(0, 0), { ...BESIDE, opened: at('15:01') })), [])
  assert.deepEqual(keys(turnoutChecks(turnout(10, 10), { ...BESIDE, users: 21 })), ['falling'])
  assert.deepEqual(keys(turnoutChecks(turnout(10, 10, 21), { ...BESIDE, users: 20 })), ['disabled_over'])
  assert.equal(isBlocked(turnoutChecks(turnout(900, 900), { ...BESIDE, users: 2000 })), false)
})

test('a seal that somebody else called broken is flagged, one that was called so here is not', () => {
  const broken = { kind: 'custody' as const, holder: 'pps', sealed: false }
  const lapor = (value: number, filed: Filed[] = []): Lapor => ({ station: { counters: [0, value] }, operation: { counters: ['tps', 'custody.seal_broken'] }, filed }) as unknown as Lapor

  assert.deepEqual([isBrokenElsewhere(lapor(1)), isBrokenElsewhere(lapor(0))], [true, false])
  assert.equal(isBrokenElsewhere(lapor(1, [{ id: 'a', observed_at: '2024-11-27T17:00:00+07:00', content: broken, isAccepted: true }])), false)
})

test('ballots and votes must add up, and may be sent when they do not', () => {
  const ballots = { kind: 'ballots' as const, contest: 'gubernur', received: 574, used: 401, spoilt: 3, unused: 170 }
  const count = (valid: number, invalid: number, contest = 'gubernur') => ({ kind: 'count' as const, contest, votes: { 1: 160, 2: 48, 3: 180 }, valid, invalid })

  assert.deepEqual(keys(ballotsChecks(ballots, BESIDE)), [])
  assert.deepEqual(keys(ballotsChecks({ ...ballots, unused: 171 }, { ...BESIDE, users: 400 })), ['ballots_sum', 'used_users'])
  assert.deepEqual(keys(countChecks(count(388, 13), { ...BESIDE, used: 401, users: 401 })), [])
  assert.deepEqual(keys(countChecks(count(387, 13), { ...BESIDE, used: 401, users: 401 })), ['votes_sum', 'votes_used', 'votes_users'])
  assert.deepEqual(keys(countChecks(count(388, 12, 'bupati_walikota'), { ...BESIDE, users: 401 })), [])
  assert.deepEqual(keys(countChecks(count(388, 12, 'bupati_walikota'), { ...BESIDE, users: 401, hasGubernur: false })), ['votes_users'])
  assert.deepEqual(keys(countChecks(count(388, 14, 'bupati_walikota'), { ...BESIDE, users: 401 })), ['votes_users'])
  assert.deepEqual(keys(countChecks(count(388, 13), { ...BESIDE, observed: at('12:59') })), ['early'])
  assert.equal(isBlocked(countChecks(count(0, 0), { ...BESIDE, used: 1, users: 1, observed: 0 })), false)
})

test('what the server would refuse blocks, and says why', () => {
  assert.deepEqual(numberChecks({ a: '0', b: '2000' }), [])
  assert.deepEqual(numberChecks({ a: '', b: '2001', c: '-1', d: '1.5', e: '9999999' }).map(({ key, field }) => [key, field]), [
    ['lapor.check.missing', 'a'], ['lapor.check.number', 'b'], ['lapor.check.number', 'c'], ['lapor.check.number', 'd'], ['lapor.check.number', 'e'],
  ])
  assert.deepEqual(keys(textChecks('why', ' ok ', 3, 500)), ['short'])
  assert.deepEqual(keys(textChecks('why', '   ', 3, 500)), ['missing'])
  assert.deepEqual(keys(textChecks('note', '', 0, 500)), [])
  assert.deepEqual(keys(textChecks('text', 'x'.repeat(2001), 1, 2000)), ['long'])
  assert.deepEqual(keys(textChecks('text', 'NIK 3172010101800001 hilang', 1, 2000)), ['nik'])
  assert.deepEqual(keys(textChecks('text', 'kotak 31720101018000012', 1, 2000)), [])
})

test('an address names one screen, and comes back from it', () => {
  for (const form of FORMS) assert.deepEqual(parse(toForm(form, 'voting_open')), { page: 'form', form, about: 'voting_open' })
  assert.deepEqual(parse(toItem('x', 'koreksi')), { page: 'item', id: 'x', act: 'koreksi' })
  assert.deepEqual(parse('#/kertas/31.72.01.1001.007'), { page: 'paper', code: PLACE })
  assert.deepEqual([parse(''), parse('#/entah'), parse('#/lapor/entah')], [{ page: 'tugas' }, { page: 'tugas', isLost: true }, { page: 'lapor', isLost: true }])
  assert.deepEqual(['#/', ...TABS.map((tab) => `#/${tab}`), '#/menu', '#/tps', '#/kertas'].filter((hash) => 'isLost' in parse(hash)), [])
  assert.deepEqual(parse(toNotPossible('voting_open')), { page: 'form', form: 'tonggak', about: 'voting_open', isNot: true })
  assert.deepEqual(['#/lapor/nihil', '#/terkirim/x/tarik', '#/arahan/x', '#/menu'].map((hash) => tabOf(parse(hash))), ['lapor', 'terkirim', 'arahan', null])
})

test('a report is told in a sentence, with where it stands and what to do', () => {
  const count: Content = { kind: 'count', contest: 'gubernur', votes: { 1: 160, 2: 48 }, valid: 208, invalid: 3 }

  assert.match(sentenceOf(words, count), /hitung internal, bukan hasil resmi/)
  assert.match(sentenceOf(words, count), /no\. 1: 160, no\. 2: 48 · sah 208, tidak sah 3/)
  assert.equal(titleOf(words, null, { kind: 'correction', of: 'x', reason: 'y' }), 'Penarikan laporan')
  assert.equal(titleOf(words, null, { kind: 'correction', of: 'x', reason: 'y', replacement: { kind: 'nihil' } }), 'Koreksi: Nihil')
  assert.equal(sentenceOf(words, { kind: 'incident', category: 'bencana.banjir', severity: 'tinggi', occurrence: 'terjadi', text: 'kotak aman' }), 'Bencana: banjir, tinggi · kotak aman')
  assert.equal(receiptOf({ id: '01936b5e-77a0-7c3a-9d0e-1b2f3c4d5e6f', receipt: { version: 812 } }), '812-5E6F')
  assert.equal(receiptOf({ id: '01936b5e-77a0-7c3a-9d0e-1b2f3c4d5e6f', receipt: { version: null } }), '5E6F')
  assert.equal(receiptOf({ id: 'x', receipt: null }), null)
  const problem = { type: '', title: 'A field is outside its rule', status: 422, code: 'invalid', errors: [{ path: '$.content.reason', rule: 'no-nik', message: 'write no NIK' }] }
  assert.equal(whyIn(words, problem), 'Ada NIK (enam belas angka) di dalamnya.')
  assert.equal(remedyIn(words, problem), 'Perbaiki isinya, lalu kirim sebagai laporan baru.')
  assert.match(whyIn(words, { ...problem, errors: [], code: 'operation-not-active' }), /ditutup/)
  assert.equal(whyIn(words, { ...problem, errors: [], code: 'teapot', detail: 'I am a teapot' }), 'Terjadi kesalahan (teapot).')
  assert.equal(whyIn(words, { ...problem, errors: [{ path: '$.content.text', rule: 'max-length', message: 'Expected `str` of length <= 2000' }] }), 'Isian tidak diterima server: content.text (max-length).')
  assert.equal(whyIn(words, { type: '', title: 'Broken', status: 500, code: 'shard-lost', detail: 'shard 3 is lost' }), 'Ada yang salah di server.')
})

test('a report knows whether a later one corrected or withdrew it, unless that was refused', () => {
  const first = item(reached('oath'))
  const correction = item({ kind: 'correction', of: first.id, reason: 'salah', replacement: reached('voting_open') })
  const withdrawal = item({ kind: 'correction', of: correction.id, reason: 'salah' })

  assert.equal(fateOf(first, [first, correction, withdrawal]), 'dikoreksi')
  assert.equal(fateOf(correction, [first, correction, withdrawal]), 'ditarik')
  assert.equal(fateOf(first, [first, { ...correction, standing: 'ditolak' }]), null)
  assert.deepEqual(saidOf(correction.report.content), reached('voting_open'))
  assert.equal(saidOf(withdrawal.report.content), null)
})

test('a directive offers what the server would take, and comes in the order of need', () => {
  const row = (more: Partial<Received>): Received => ({
    id: 'x', operation: 1, number: 1, from: '31.72', from_name: 'KOTA', kind: 'perintah', requires: 'laksanakan', text: '', deadline: iso('09:00'), author: 'a',
    issued_at: iso('07:00'), state: 'terkirim', is_open: true, overdue_at: null, changed_at: iso('07:00'), withdrawn_at: null, withdrawn_why: null, version: 1, ...more,
  })

  assert.deepEqual(actsOf(row({})), ['completion', 'acceptance', 'refusal'])
  assert.deepEqual(actsOf(row({ state: 'diterima' })), ['completion', 'refusal'])
  assert.deepEqual(actsOf(row({ requires: 'terima', state: 'diterima' })), [])
  assert.deepEqual(actsOf(row({ requires: 'baca' })), [])
  assert.deepEqual(actsOf(row({ requires: 'jawab', state: 'dibaca' })), ['answer', 'acceptance', 'refusal'])
  assert.deepEqual([actsOf(row({ state: 'dilaksanakan' })), actsOf(row({ withdrawn_at: iso('08:00') }))], [[], []])
  const rows = [row({ number: 4, state: 'dilaksanakan', is_open: false }), row({ number: 3, state: 'dibaca', deadline: iso('12:00') }), row({ number: 2, state: 'dibaca' }), row({ number: 1 })]
  assert.deepEqual(inOrder(rows).map(({ number }) => number), [1, 2, 3, 4])
})

test('a desk finds a TPS by number, name or code, and what is missing first', () => {
  const place = (code: string, name: string, late = 0, silent = 0): Place => ({ code, name, late, silent, tps: 1 })
  const places = [place('31.72.01.1001.001', 'TPS 001'), place('31.72.01.1001.017', 'TPS 017', 2), place('31.72.01.1001.007', 'TPS 007 Masjid', 2, 1)]

  assert.deepEqual([...places].sort(inNeed).map(({ code }) => code.slice(-3)), ['007', '017', '001'])
  assert.deepEqual(matching(places, '7').map(({ code }) => code.slice(-3)), ['007'])
  assert.deepEqual(matching(places, 'tps 17').map(({ code }) => code.slice(-3)), ['017'])
  const kota = places.map((one) => ({ ...one, above: 'Pejagalan · Penjaringan' }))
  assert.deepEqual(matching(kota, 'pejagalan 7').map(({ code }) => code.slice(-3)), ['007'])
  assert.deepEqual(matching(kota, 'kapuk 7'), [])
  assert.deepEqual([isPartOnly(places, 500), isPartOnly(places, 3), isPartOnly([place('31.72.01', 'PENJARINGAN')], 500)], [false, true, true])
  assert.deepEqual(matching(places, 'masjid').map(({ code }) => code.slice(-3)), ['007'])
  assert.equal(matching(places, ' ').length, 3)
  assert.equal(typedCode('31.72.01.1001/014', null), '31.72.01.1001.014')
  assert.equal(typedCode('14', '31.72.01.1001'), '31.72.01.1001.014')
  assert.deepEqual([typedCode('14', '31.72.01'), typedCode('banjir', '31.72.01.1001')], [null, null])
})

test('the paper says what the gateway understands', () => {
  const paslon = [{ number: 1, name: 'A' }, { number: 2, name: 'B' }]

  assert.equal(textPlaceOf(PLACE), 'TPS 31.72.01.1001/007')
  assert.deepEqual(['voting_open', 'box_ppk', 'kirim_logistik'].map(wordOf), ['BUKA', 'KOTAK TIBA PPK', 'KIRIM LOGISTIK'])
  assert.equal(countTextOf({ kind: 'gubernur', paslon }, false), 'SUARA GUB .../... TS ...')
  assert.equal(countTextOf({ kind: 'bupati_walikota', paslon: [{ number: 1, name: 'A' }, { number: 2, name: 'Kotak kosong', is_empty_box: true }] }, true), 'SUARA ... KOSONG ... TS ...')
})
