import assert from 'node:assert/strict'
import { test } from 'node:test'
import { degrees, draftOf, isComplete, localMoment, momentOf, sendingOf, undoOf, wantsWords } from './asking.ts'
import { incident } from './sample.ts'

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
  assert.deepEqual(undoOf('owner', one, 'batal')?.body, { username: 'budi' })
  assert.equal(undoOf('merge', one, 'batal'), null)
  assert.deepEqual(undoOf('classification', incident(1, { category: 'logistik', severity: 'tinggi' }), 'batal')?.body, { category: 'logistik', severity: 'tinggi', said: 'batal' })
  assert.equal(undoOf('classification', incident(1, { alleged: 'kritis' }), 'batal'), null, 'what a report said since would be lost')
  assert.equal(momentOf('2024-12-07T10:30', '+09:00'), '2024-12-07T10:30:00+09:00')
  assert.equal(localMoment(Date.parse('2024-11-27T00:03:01Z'), 7), '2024-11-27T07:03:01+07:00')
})
