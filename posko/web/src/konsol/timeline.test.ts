import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Content } from '../records.ts'
import { correctedBy, doubtsOf, incidentOf, toldApart } from './timeline.ts'

const row = (id: string, observed: string, received: string) => ({ id, observed_at: `2024-11-27T${observed}Z`, received_at: `2024-11-27T${received}Z` })

test('a report says when it came where the times beside it go the other way, or it came late', () => {
  const inOrder = [row('c', '05:51:30', '05:51:40'), row('b', '05:51:00', '05:51:20'), row('a', '05:50:00', '05:50:59')]
  assert.deepEqual(toldApart(inOrder), new Set())
  const late = [row('c', '05:51:30', '05:51:40'), row('a', '05:18:00', '05:51:00')]
  assert.deepEqual(toldApart(late), new Set(['a']))
  const crossed = [row('c', '05:50:10', '05:51:00'), row('b', '05:50:30', '05:50:40'), row('a', '05:49:00', '05:49:10')]
  assert.deepEqual(toldApart(crossed), new Set(['c', 'b']))
})

test('a report leads to the incident that it opens or joins, a correction to that of what it corrects', () => {
  const incident = (joins?: string): Content => ({ kind: 'incident', category: 'x', severity: 'tinggi', occurrence: 'terjadi', text: '', ...(joins ? { joins } : {}) })
  const correction = (of: string): Content => ({ kind: 'correction', of, reason: '', replacement: incident() })
  const rows = [
    { id: 'last', content: correction('first') },
    { id: 'first', content: correction('joined') },
    { id: 'joined', content: incident('other') },
    { id: 'opens', content: incident() },
    { id: 'astray', content: correction('elsewhere') },
    { id: 'this', content: correction('that') },
    { id: 'that', content: correction('this') },
    { id: 'nihil', content: { kind: 'nihil' } as Content },
  ]
  assert.deepEqual(rows.map((one) => incidentOf(one, rows)), ['other', 'other', 'other', 'opens', null, null, null, null])
})

test('what was put right is told apart from what was taken back', () => {
  const rows = [
    { id: 'right', content: { kind: 'correction', of: 'a', reason: '', replacement: { kind: 'nihil' } } as Content },
    { id: 'back', content: { kind: 'correction', of: 'b', reason: '' } as Content },
  ]
  const fates = ['right', 'back', 'elsewhere'].map((by) => correctedBy({ corrected_by: by }, rows))
  assert.deepEqual(fates, ['corrected', 'taken_back', 'corrected'])
})

test('what a place knows of a flag is the word on it, whichever of the two was read first', () => {
  const flag = (more: object = {}) => ({ kind: 'misdirected', subject: 'flag', report_id: 'a', ...more })
  const report = (...flags: string[]) => ({ id: 'a', flags })
  const ended = flag({ cleared_at: '2024-11-27T06:00:00Z', ended_at: '2024-11-27T06:41:00Z' })

  assert.deepEqual(doubtsOf(report('misdirected'), [ended]), [ended])
  assert.deepEqual(doubtsOf(report(), [flag()]), [flag()])
  assert.deepEqual(doubtsOf(report('misdirected'), [flag(), ended]), [flag(), ended])
  assert.deepEqual(doubtsOf(report('misdirected', 'early'), [flag({ report_id: 'b' })]).map(({ kind }) => kind), ['misdirected', 'early'])
  const earlier = flag({ ended_at: '2024-11-27T05:00:00Z' })
  assert.deepEqual(doubtsOf(report(), [earlier, ended]), [ended, earlier])
})
