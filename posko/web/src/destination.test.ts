import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doorFrom, enrolmentIn, enrolmentOf, hasEnded, homeOf, inGroups, wantedOf } from './destination.ts'

const HERE = 'https://posko.example'
const wanted = (ke: string): string | null => wantedOf(`?${new URLSearchParams({ ke })}`, HERE)

test('one comes back to where one wanted to go, with its query and hash', () => {
  assert.equal(wanted('/konsol/#/1/31.72'), '/konsol/#/1/31.72')
  assert.equal(wanted('/akun/?a=1#/orang'), '/akun/?a=1#/orang')
  assert.equal(wantedOf(new URL(doorFrom('/konsol/#/1/31.72/tps/milestone.open.late'), HERE).search, HERE), '/konsol/#/1/31.72/tps/milestone.open.late')
})

test('never to another site, however it is written', () => {
  const elsewhere = [
    'https://elsewhere.example/', '//elsewhere.example/', '/\\elsewhere.example', '\\/elsewhere.example', '/\t/elsewhere.example', '/\n/elsewhere.example',
    '/.//elsewhere.example', '/a/..//elsewhere.example', '/%2e//elsewhere.example', 'javascript:alert(1)', ' /konsol/', 'konsol/', '', 'http:/konsol/',
    'https://posko.example@elsewhere.example/', 'https://posko.example/konsol/', '///elsewhere.example', '/\\/elsewhere.example', 'data:text/html,x',
  ]

  assert.deepEqual(elsewhere.map(wanted).filter((found) => found !== null), [])
  assert.equal(wantedOf('', HERE), null)
})

test('what looks like another site inside a path stays a path', () => {
  assert.equal(wanted('/konsol/@elsewhere.example'), '/konsol/@elsewhere.example')
  assert.equal(wanted('/%2F/elsewhere.example'), '/%2F/elsewhere.example')
  assert.equal(wanted('/konsol/?ke=//elsewhere.example'), '/konsol/?ke=//elsewhere.example')
})

test('signing in does not lead to signing in', () => {
  assert.deepEqual(['/masuk/', '/masuk', '/masuk/?ke=/masuk/', '/./masuk/'].map(wanted), [null, null, null, null])
})

test('why somebody has to sign in again is said', () => {
  assert.equal(hasEnded(new URL(doorFrom('/konsol/', 'berakhir'), HERE).search), true)
  assert.equal(hasEnded(new URL(doorFrom('/konsol/'), HERE).search), false)
})

test('an officer begins at their TPS, everyone else at the konsol, and whoever has no seat at their account', () => {
  assert.deepEqual([homeOf('petugas'), homeOf(undefined), homeOf('operator'), homeOf('admin'), homeOf('wall')], ['/lapor/', '/akun/', '/konsol/', '/konsol/', '/konsol/'])
})

test('a code is read from the address, from a pasted address and from a card', () => {
  const code = 'Ab3_-x9Ab3_-x9Ab3_-x9Q'

  assert.equal(enrolmentOf(`#daftar=${code}`), code)
  assert.equal(enrolmentIn(`  ${code}\n`), code)
  assert.equal(enrolmentIn(`${HERE}/masuk/#daftar=${code}`), code)
  assert.deepEqual(['#daftar=', '#daftar=a b', '#lain=x', ''].map(enrolmentOf), [null, null, null, null])
  assert.deepEqual(['pendek', code.slice(1), `${code}A`, code.replace('x', '*')].map(enrolmentIn), [null, null, null, null], 'refused before a PIN is chosen')
  assert.equal(inGroups(code), 'Ab3_ -x9A b3_- x9Ab 3_-x 9Q')
  assert.equal(enrolmentIn(inGroups(code)), code)
})
