import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BY_CODE, filtersOf, pressed, sortingOf } from './konsol/sorting.ts'
import { parse, toPlace } from './routes.ts'

const KEYS = ['code', 'coverage', 'incidents', 'flags', 'alarms', 'turnout', 'voting_open', 'voting_open.late', 'voting_open.unreported']

test('how a table is sorted survives its address, whatever was pressed', () => {
  for (const first of KEYS) {
    for (const second of KEYS) {
      const sorting = pressed(pressed(BY_CODE, first), second)
      const route = parse(toPlace(1, '31.72', filtersOf(sorting)))
      assert.ok(route.page === 'region')
      assert.deepEqual(sortingOf(route.filters, KEYS), sorting)
    }
  }
})

test('the usual order is not said, and a column that is not there means it', () => {
  assert.equal(toPlace(1, '31.72', filtersOf(BY_CODE)), '#/1/31.72')
  assert.equal(toPlace(1, '31.72', filtersOf(pressed(BY_CODE, 'incidents'))), '#/1/31.72?urut=incidents&arah=turun')
  assert.deepEqual(sortingOf({ urut: 'votes', arah: 'turun' }, KEYS), BY_CODE)
})

test('the same column again turns around; incidents begin with the most', () => {
  assert.deepEqual(pressed(BY_CODE, 'code'), { key: 'code', isDescending: true })
  assert.deepEqual(pressed(pressed(BY_CODE, 'incidents'), 'incidents'), { key: 'incidents', isDescending: false })
  assert.deepEqual(pressed(BY_CODE, 'voting_open.unreported'), { key: 'voting_open.unreported', isDescending: true })
  assert.deepEqual(pressed(BY_CODE, 'turnout'), { key: 'turnout', isDescending: false })
})
