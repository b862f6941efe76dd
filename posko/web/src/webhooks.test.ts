import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Attempt, barsOf, type Endpoint, groupsOf, isWanted, outcomeOf, placeOf, standingOf, toggled } from './kelola/webhooks/endpoint.ts'

const ENDPOINT: Endpoint = {
  id: 3, operation: 1, region: '31.72', cleared: false, url: 'https://contoh.go.id/hook', description: 'dasbor', types: ['incident.*'], payload: 'full', rate: 100, state: 'active', state_why: null,
  owner: 'admin', is_stopped: false, added_at: '2024-11-26T00:00:00Z', verified_at: null, failing_since: null, is_full: false, sequence: 0, waiting: 0, parked: 0, dead: 0, keys: 1, key_made_at: null,
  waiting_since: null, delivered_at: null, resting_until: null, removed_at: null, removed_by: null,
}

test('of all that is so with an endpoint the gravest is said', () => {
  const at = (change: Partial<Endpoint>) => standingOf({ ...ENDPOINT, ...change })
  assert.equal(at({}), 'active')
  assert.equal(at({ parked: 2 }), 'parked')
  assert.equal(at({ failing_since: '2024-11-27T00:00:00Z', parked: 2 }), 'failing')
  assert.equal(at({ failing_since: '2024-11-27T00:00:00Z', resting_until: '2024-11-27T00:00:08Z' }), 'resting')
  assert.equal(at({ state: 'paused', failing_since: '2024-11-27T00:00:00Z' }), 'paused')
  assert.equal(at({ state: 'disabled' }), 'disabled')
  assert.equal(at({ is_stopped: true, state: 'paused' }), 'stopped')
  assert.equal(at({ is_stopped: true, removed_at: '2024-11-27T00:00:00Z' }), 'removed')
})

test('an attempt was taken, refused, or nothing came of it', () => {
  assert.equal(outcomeOf({ status: 204, error: null }), 'good')
  assert.equal(outcomeOf({ status: 200, error: 'reset' }), 'broken')
  assert.equal(outcomeOf({ status: 422, error: null }), 'refused')
  assert.deepEqual([302, 503, null].map((status) => outcomeOf({ status, error: null })), ['broken', 'broken', 'broken'])
})

test('attempts of the last hour stand in their five minutes, older ones nowhere', () => {
  const now = Date.parse('2024-11-27T01:02:00Z')
  const tried = (at: string, status: number): Attempt => ({ event: 'x', type: 'endpoint.test', number: 1, at, ms: 1, status, error: null, address: null, answer: null })
  const bars = barsOf([tried('2024-11-27T01:01:59Z', 200), tried('2024-11-27T01:00:00Z', 500), tried('2024-11-27T00:59:59Z', 404), tried('2024-11-27T00:04:59Z', 200)], now)
  assert.equal(bars.length, 12)
  assert.deepEqual(bars.at(-1), { from: Date.parse('2024-11-27T01:00:00Z'), good: 1, refused: 0, broken: 1 })
  assert.equal(bars.at(-2)?.refused, 1)
  assert.equal(bars.reduce((sum, bar) => sum + bar.good + bar.refused + bar.broken, 0), 3)
})

test('a group stands for its types, and everything for all groups', () => {
  assert.deepEqual(toggled(['incident.opened', 'alarm.ended'], 'incident.*', true), ['alarm.ended', 'incident.*'])
  assert.deepEqual(toggled(['alarm.*', 'incident.opened'], '*', true), ['*'])
  assert.deepEqual(toggled(['*'], '*', false), [])
  assert.ok(isWanted(['incident.*'], 'incident.opened') && !isWanted(['incident.*'], 'alarm.raised'))
  const types = ['incident.opened', 'endpoint.test', 'endpoint.failing'].map((type) => ({ type, description: type }))
  assert.deepEqual(groupsOf(types).map(({ name, types: of }) => [name, of.length]), [['incident', 1], ['endpoint', 1]])
})

test('what an event is about is looked at in the konsol', () => {
  assert.equal(placeOf(ENDPOINT, { key: 'incident:abc', region: '31.72.01.1001.001' }), '/konsol/#/1/31.72.01.1001.001/kejadian/abc')
  assert.equal(placeOf(ENDPOINT, { key: 'alarm:abc', region: '31.72' }), '/konsol/#/1/31.72/alarm')
  assert.equal(placeOf(ENDPOINT, { key: 'endpoint:7', region: '31.72' }), null)
})
