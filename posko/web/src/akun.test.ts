import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Person, Seat } from './accounts.ts'
import { detailIn } from './akun/log/detail.ts'
import { emptyFilter, queryOf } from './akun/log/filter.ts'
import { validUntil } from './akun/people/instructions.ts'
import { codesIn, emptySeat, seatOf } from './akun/people/seatForm.ts'
import { CATALOGUES } from './akun/words.ts'
import { canEnrol } from './akun/people/sheets.ts'
import { parse, toDesk, toPerson } from './akun/routes.ts'
import { fromBase64url, toBase64url } from './base64.ts'
import { nameOfBrowser } from './factors/browserName.ts'
import { creationOptions, requestOptions } from './factors/passkeyJson.ts'
import { Refusal } from './http.ts'
import { fieldOf, sayingOf } from './problems.ts'
import { Words } from './words.ts'

test('an address of the account page opens what it was made for', () => {
  assert.deepEqual(parse(toPerson('tambah')), { page: 'person', section: 'orang', username: 'tambah' })
  assert.deepEqual(parse(toDesk(3, '31.72.01')), { page: 'desk', section: 'piket', operation: 3, code: '31.72.01' })
  assert.deepEqual(parse('#/piket'), { page: 'desk', section: 'piket', operation: null, code: null })
  assert.deepEqual(['', '#/', '#/tidak-ada', '#/%E0%A4%A'].map((hash) => parse(hash).page), ['me', 'me', 'me', 'me'])
})

test('a seat is asked for with what was filled in, and nothing else', () => {
  assert.deepEqual(codesIn(' 31.72, 31.73;31.72\n33 '), ['31.72', '31.73', '33'])
  assert.deepEqual(seatOf({ ...emptySeat(), regions: '31.72' }), { role: 'petugas', regions: ['31.72'] })
  const full = seatOf({ role: 'operator', regions: '31', operation: '4', cleared: true, starts: '', ends: '2024-11-28T06:00' })
  assert.deepEqual({ ...full, ends_at: full.ends_at?.slice(0, 7) }, { role: 'operator', regions: ['31'], operation: 4, cleared: true, ends_at: '2024-11' })
})

test('a card is made for people who may sign in and have a seat', () => {
  const seat: Seat = { id: 1, role: 'petugas', regions: ['31'], operation: null, cleared: false, starts_at: '', ends_at: null }
  const person: Pick<Person, 'kind' | 'disabled_at' | 'seats'> = { kind: 'person', disabled_at: null, seats: [seat] }

  assert.equal(canEnrol(person), true)
  assert.equal(canEnrol({ ...person, seats: [] }), false)
  assert.equal(canEnrol({ ...person, disabled_at: 'x' }), false)
  assert.equal(canEnrol({ ...person, kind: 'system' }), false)
})

test('a card says until when by the clock of its place', () => {
  assert.equal(validUntil('2024-11-27T22:30:00Z', '91.71.01.1001.001').replace(':', '.'), 'Berlaku sampai 28 November 2024 pukul 07.30 WIT.')
})

test('an empty filter asks for everything', () => {
  assert.deepEqual(Object.values(queryOf(emptyFilter())).filter((value) => value !== undefined), [])
  assert.equal(queryOf({ ...emptyFilter(), username: ' Siti ' }).username, 'siti')
})

test('a browser is called by its own name, not by those that it imitates', () => {
  const chrome = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36'
  const safari = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1'

  assert.equal(nameOfBrowser(chrome), 'Chrome, Android')
  assert.equal(nameOfBrowser(`${chrome} EdgA/126`), 'Edge, Android')
  assert.equal(nameOfBrowser(safari), 'Safari, iPhone')
  assert.equal(nameOfBrowser('curl/8'), 'Peramban')
})

test('bytes survive JSON, and options become what browsers take', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  assert.deepEqual(fromBase64url(toBase64url(bytes)), bytes)

  const challenge = toBase64url(bytes)
  assert.deepEqual(new Uint8Array(requestOptions({ challenge, rpId: 'x' }).challenge as ArrayBuffer), bytes)
  const made = creationOptions({
    challenge, rp: { name: 'posko', id: 'x' }, user: { id: 'AAAAAAAAAAE', name: 'a', displayName: 'A' }, pubKeyCredParams: [], excludeCredentials: [{ type: 'public-key', id: 'AQ' }],
  })
  assert.deepEqual([...new Uint8Array(made.user.id as ArrayBuffer)], [0, 0, 0, 0, 0, 0, 0, 1])
  assert.deepEqual([...new Uint8Array(made.excludeCredentials?.[0]?.id as ArrayBuffer)], [1])
})

test('a refusal says its rule, else its code, else that something is wrong', () => {
  const words = new Words('id', { 'rule.pin-too-simple': 'PIN mudah', 'problem.conflict': 'Bertentangan', 'problem.other': 'Salah ({code})', 'problem.field': 'Isian {field} belum benar', 'problem.address': 'Alamat asing' })
  const invalid = (rule: string, path = '$.seats[0].role'): Refusal =>
    new Refusal(422, 'invalid', { type: '', title: '', status: 422, code: 'invalid', errors: [{ path, rule, message: 'begini' }] })

  assert.equal(sayingOf(words, invalid('pin-too-simple')), 'PIN mudah')
  assert.equal(sayingOf(words, invalid('lain')), 'Isian seats[0].role belum benar')
  assert.equal(sayingOf(new Words('en', { 'problem.field': '{field}?' }), invalid('lain')), 'seats[0].role? (begini)')
  assert.equal(sayingOf(words, invalid('schema', 'code')), 'Alamat asing')
  assert.equal(fieldOf(invalid('lain')), 'seats[0].role')
  assert.equal(sayingOf(words, new Refusal(409, 'conflict')), 'Bertentangan')
  assert.equal(sayingOf(words, new Refusal(418, 'teapot')), 'Salah (teapot)')
})

test('what the log says beside an action is said in the language of its reader', () => {
  const words = new Words('id', { 'log.detail.seat.of': 'penugasan {id}: {role}', 'role.wall': 'Layar dinding', 'factor.password': 'kata sandi', 'factor.totp': 'Aplikasi', 'problem.scope': 'Di luar wilayah', 'log.detail.duty': 'setiap {n} menit mulai {time}', 'level.kecamatan': 'Kecamatan' })
  const said = (action: string, detail: string | null, subject: string | null = null, outcome = 'done'): string[] => detailIn(words, { action, detail, subject, outcome } as Parameters<typeof detailIn>[1])

  assert.deepEqual(said('seat.add', 'seat 1204: wall', 'siti'), ['siti', 'penugasan 1204: Layar dinding'])
  assert.deepEqual(said('session.open', 'password+totp'), ['kata sandi + Aplikasi'])
  assert.deepEqual(said('duty.set', 'every 60 min from 07:00:00', 'level 3'), ['Kecamatan', 'setiap 60 menit mulai 07:00'])
  const subjects = new Words('id', { 'log.detail.directive': 'arahan {id}', 'log.detail.shift.to': 'piket {id}, kepada {name}', 'log.detail.reading': 'membuka {name}', 'log.list.incidents': 'kejadian' })
  const about = (subject: string, detail: string | null = null, action = 'x'): string[] => detailIn(subjects, { action, detail, subject, outcome: 'done' })
  assert.deepEqual(about('31.72', 'directive 1 (01a2-b3)', 'directive.issue'), ['31.72', 'arahan 1'])
  assert.deepEqual([about('shift 72 to budi'), about('incidents'), about('GET /v1/regions/99.99'), about('Gladi 1')], [['piket 72, kepada budi'], ['kejadian'], ['membuka /regions/99.99'], ['Gladi 1']])
  assert.deepEqual(said('refused', 'scope', 'reports', 'refused'), ['reports', 'Di luar wilayah'])
  // What a file was narrowed to, and what a flag or photo was of, in the reader's words; an operation's own codes as they are.
  const whole = new Words('id', CATALOGUES.id)
  const told = (action: string, subject: string, detail: string | null = null): string[] => detailIn(whole, { action, detail, subject, outcome: 'done' })
  const report = '01936b5e-77a0-7c3a-9d0e-1b2f3c4d5e6f'
  assert.deepEqual(told('flag.clear', `turnout_over of ${report}`), [`pemilih melebihi DPT + 2,5 %, laporan ${report}`])
  assert.deepEqual(told('photo.original', `0123456789abcdef of ${report}`), [`foto laporan ${report}`])
  assert.deepEqual(told('rules.set', 'version 3, 4 rules'), ['versi 3, 4 aturan'])
  assert.deepEqual(told('table.export', 'flag-history', 'falling'), ['riwayat tanda', 'angka partisipasi turun'])
  assert.deepEqual(told('table.export', 'tps', 'milestone.voting_open.unreported'), ['daftar TPS', 'tonggak: voting_open: belum lapor'])
  assert.deepEqual(told('table.export', 'desks', 'absent level 3'), ['piket', 'tanpa hadir, Kecamatan'])
  assert.deepEqual(told('table.export', 'incidents', 'baru kritis not-overdue'), ['kejadian', 'baru, kritis, belum lewat waktu'])
  // A reason that somebody wrote is theirs, and no form of another action.
  assert.deepEqual([said('account.disable', 'seat 4'), said('seat.end', null)], [['seat 4'], []])
})
