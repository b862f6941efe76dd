import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, askedFor, broken, photoAnswered, readAnswer, verdictOf } from './lapor/outbox/answer.ts'
import { better, corrected, isCurrent, measured, rfc3339, type Skew, skewSeconds } from './lapor/outbox/clock.ts'
import { withDuration } from './lapor/form/duration.ts'
import { isFollowed, itemOf, type Kept, type KeptPhoto } from './lapor/outbox/kept.ts'
import { BATCH_BYTES, BATCH_LIMIT, failed, FRESH, mayTryAt, nextBatch, photosAt, waitAfter } from './lapor/outbox/queue.ts'
import { reportOf } from './lapor/outbox/report.ts'
import { fitted, LONGEST_EDGE } from './lapor/outbox/scaled.ts'
import { uuid7 } from './uuid7.ts'

const NOW = 1_732_665_600_000

function kept(order: number, over: Partial<Kept> = {}): Kept {
  const id = `id-${order}`
  return {
    order, id, account: 1, account_name: 'A', body: '{}', size: 200, corrects: null, standing: 'antre', made_at: '', tries: 1, next_at: null, receipt: null, refusal: null, photos: [], ...over,
  }
}

const PROBLEM = { type: '', title: 'no', status: 422, code: 'invalid' }
const orders = (items: Kept[]): number[] => items.map(({ order }) => order)

test('a batch is the oldest thirty-two, in order', () => {
  const waiting = Array.from({ length: 50 }, (_, index) => kept(50 - index))

  assert.deepEqual(orders(nextBatch(waiting, NOW, 0)), Array.from({ length: BATCH_LIMIT }, (_, index) => index + 1))
})

test('a batch that did not get through is halved, down to one', () => {
  const waiting = Array.from({ length: 50 }, (_, index) => kept(index + 1))

  assert.deepEqual([0, 1, 2, 5, 40].map((narrowed) => nextBatch(waiting, NOW, narrowed).length), [32, 16, 8, 1, 1])
})

test('a batch is no larger than a body may be, but one report always goes', () => {
  const large = [1, 2, 3].map((order) => kept(order, { size: BATCH_BYTES / 2 }))

  assert.deepEqual(orders(nextBatch(large, NOW, 0)), [1])
  assert.deepEqual(orders(nextBatch([kept(1, { size: BATCH_BYTES * 2 }), kept(2)], NOW, 0)), [1])
})

test('what waits by itself is passed by others, but not by its correction', () => {
  const waiting = [kept(1, { next_at: NOW + 1 }), kept(2, { corrects: 'id-1' }), kept(3, { corrects: 'id-2' }), kept(4)]

  assert.deepEqual(orders(nextBatch(waiting, NOW, 0)), [4])
  assert.deepEqual(orders(nextBatch(waiting, NOW + 1, 0)), [1, 2, 3, 4])
})

test('waiting doubles with jitter, and ends at two minutes', () => {
  assert.deepEqual([1, 2, 3, 4].map((failures) => waitAfter(failures, 1)), [2000, 4000, 8000, 16_000])
  assert.equal(waitAfter(3, 0), 4000)
  assert.equal(waitAfter(1000, 1), 120_000)
})

test('what the server asks for is waited, even by who is urged', () => {
  const busy = failed(FRESH, NOW, 0.5, { isNarrower: false, asked_s: 7, held: PROBLEM })
  const cut = failed(FRESH, NOW, 0.5, { isNarrower: true, asked_s: 0, held: null })

  assert.equal(mayTryAt(busy, true), NOW + 7000)
  assert.ok(mayTryAt(busy, false) > NOW + 7000)
  assert.ok(mayTryAt(cut, true) <= NOW && mayTryAt(cut, false) > NOW)
  assert.deepEqual([busy.narrowed, cut.narrowed, busy.failures, busy.held], [0, 1, 1, PROBLEM])
})

test('a photo waits for what the server asked of it, however much it is wanted', () => {
  const busy = failed(FRESH, NOW, 0.5, { isNarrower: false, asked_s: 7, held: PROBLEM })

  assert.equal(photosAt(busy, null, 0), NOW + 7000)
  assert.equal(photosAt(FRESH, NOW + 9000, 0), NOW + 9000)
  assert.equal(photosAt(FRESH, null, NOW + 5000), NOW + 5000)
})

test('only our own answer is believed', () => {
  const each = JSON.stringify([{ id: 'a', status: 201, outcome: 'accepted' }])

  assert.equal(readAnswer(200, each, ['a'], null).kind, 'each')
  for (const [status, text, ids] of [
    [200, '<html>Masuk Wi-Fi</html>', ['a']],
    [200, each, ['b']],
    [200, each, ['a', 'b']],
    [200, '[null]', ['a']],
    [200, '{}', ['a']],
    [404, '<html>nginx</html>', ['a']],
    [502, 'Bad Gateway', ['a']],
  ] as const) assert.equal(readAnswer(status, text, ids, null).kind, 'none', text)
})

test('what is asked for in seconds is read from the head or the body, not from a date', () => {
  assert.equal(askedFor({ ...PROBLEM, retry_after_s: 2.5 }, null), 2.5)
  assert.equal(askedFor(null, '30'), 30)
  assert.equal(askedFor(null, 'Wed, 27 Nov 2024 00:00:00 GMT'), 0)
})

test('a no to all of a batch refuses nobody before it is known who is to blame', () => {
  const whole = (status: number, code = 'x') => readAnswer(status, JSON.stringify({ ...PROBLEM, status, code }), ['a'], null)
  const verdicts = (count: number) => [400, 413, 422, 401, 403, 404, 408, 409, 429].map((status) => verdictOf(whole(status), count))

  assert.deepEqual(verdicts(2), ['narrower', 'narrower', 'narrower', 'sign_in', ...Array<string>(5).fill('later')])
  assert.deepEqual(verdicts(1).slice(0, 4), ['refuse', 'refuse', 'refuse', 'sign_in'])
  assert.equal(verdictOf(whole(403, 'enrol-first'), 2), 'sign_in')
  assert.equal(verdictOf({ kind: 'none' }, 2), 'later')
})

test('a server that breaks at a batch is asked for the rest; one that says for how long it is busy is left alone', () => {
  const no = (status: number, retryAfter: string | null) => verdictOf(readAnswer(status, JSON.stringify({ ...PROBLEM, status }), ['a'], retryAfter), 2)

  assert.deepEqual([no(500, null), no(503, null), no(503, '7'), no(429, null)], ['broken', 'broken', 'later', 'later'])
})

test('what the server broke at goes once more as it was, then halved, then alone and with no other any more', () => {
  let batch = [kept(1), kept(2), kept(3), kept(4), kept(5)]
  const sizes: number[] = []
  while (batch.length > 0 && sizes.length < 9) {
    sizes.push(batch.length)
    const size = batch.length
    batch = nextBatch(batch.map((item) => broken(item, size, PROBLEM, NOW)), NOW, 0)
    if (batch[0]?.most === 0) break
  }

  assert.deepEqual(sizes, [5, 5, 2, 1])
  const alone = kept(2, { most: 0 })
  assert.deepEqual(orders(nextBatch([kept(1), alone, kept(3)], NOW, 0)), [1])
  assert.deepEqual(orders(nextBatch([alone, kept(3)], NOW, 0, 5)), [2])
  assert.deepEqual(orders(nextBatch([kept(1, { most: 1 }), kept(3, { most: 1 }), kept(4, { most: 1 })], NOW, 0, 1)), [1, 3], 'what was broken for all is not sent one by one')
  assert.deepEqual(orders(nextBatch([{ ...alone, next_at: NOW + 1 }, kept(3, { corrects: 'id-2' }), kept(4)], NOW, 0)), [4])
})

test('an item becomes what its own answer says', () => {
  const receipt = { id: 'id-1', version: 812, received_at: '2024-11-27T03:00:01.204Z' }
  for (const [status, outcome] of [[201, 'accepted'], [200, 'duplicate']] as const) {
    const taken = answered(kept(1, { refusal: PROBLEM }), { ...receipt, status, outcome }, NOW, 0.5)
    assert.deepEqual([taken.standing, taken.receipt, taken.refusal], ['diterima', { ...receipt, flags: [] }, null])
  }
  for (const status of [403, 404, 409, 422]) {
    const refused = answered(kept(1), { id: 'id-1', status, outcome: 'refused', problem: { ...PROBLEM, status } }, NOW, 0.5)
    assert.deepEqual([refused.standing, refused.refusal?.status, refused.receipt], ['ditolak', status, null])
  }
  for (const status of [408, 429, 503]) {
    const later = answered(kept(1), { id: 'id-1', status, outcome: 'refused', problem: { ...PROBLEM, status, retry_after_s: 9 } }, NOW, 0.5)
    assert.deepEqual([later.standing, later.refusal?.status], ['antre', status])
    assert.ok((later.next_at ?? 0) > NOW + 9000)
  }
})

test('a photo is given up only when the server will never take it', () => {
  const photo: KeptPhoto = { sha256: 'a', bytes: 1, standing: 'antre', why: null, tries: 0, next_at: 0 }
  const after = (status: number, code = 'x') => photoAnswered(photo, status, status >= 400 ? { ...PROBLEM, status, code } : null, 0, NOW, 0.5)

  assert.deepEqual([200, 201].map((status) => after(status).standing), ['terkirim', 'terkirim'])
  for (const status of [404, 409, 413, 422]) assert.deepEqual([after(status, 'photos-off').standing, after(status, 'photos-off').why], ['ditolak', 'photos-off'])
  for (const status of [0, 408, 429, 500, 503]) assert.ok(after(status).standing === 'antre' && after(status).next_at > NOW, String(status))
})

test('the clock is put right by an answer, as well as an answer can tell', () => {
  const steady = { of: 1, ms: 5 }
  const slow = measured(NOW, NOW + 4000, new Date(NOW - 60_000).toUTCString())
  const quick = measured(NOW, NOW + 100, new Date(NOW - 60_000).toUTCString(), steady)

  assert.deepEqual(quick, { ms: 59_550, within_ms: 550, at: NOW + 100, steady })
  assert.ok(slow && Math.abs(slow.ms - 60_000) <= slow.within_ms)
  assert.equal(corrected(NOW, quick), NOW - 59_550)
  assert.equal(corrected(NOW, { ms: 400, within_ms: 550, at: NOW }), NOW)
  for (const [asked, told, date] of [[NOW, NOW + 60_000, 'Wed, 27 Nov 2024 00:00:00 GMT'], [NOW, NOW - 1, 'Wed, 27 Nov 2024 00:00:00 GMT'], [NOW, NOW, 'x'], [NOW, NOW, null]] as const) {
    assert.equal(measured(asked, told, date), null)
  }
})

test('a sharper measurement is kept until it is old or contradicted', () => {
  const sharp: Skew = { ms: 60_000, within_ms: 550, at: NOW }
  const dull = (over: Partial<Skew>): Skew => ({ ms: 60_300, within_ms: 2000, at: NOW + 1000, ...over })

  assert.equal(better(null, sharp), sharp)
  assert.equal(better(sharp, dull({})), sharp)
  for (const over of [{ ms: 0 }, { at: NOW + 700_000 }, { at: NOW - 1 }, { within_ms: 500 }]) assert.notEqual(better(sharp, dull(over)), sharp)
})

test('moments bear the offset of their place', () => {
  const moment = Date.parse('2024-11-27T00:03:09.900Z')

  assert.deepEqual([7, 9, -3].map((offset) => rfc3339(moment, offset)), ['2024-11-27T07:03:09+07:00', '2024-11-27T09:03:09+09:00', '2024-11-26T21:03:09-03:00'])
})

test('ids sort by time and say that they are of version seven', () => {
  const ids = [NOW, NOW + 1, NOW + 300].map((at) => uuid7(at))

  assert.deepEqual([...ids].sort(), ids)
  assert.equal(uuid7(0x0193_6b5e_77a0, new Uint8Array(10).fill(255)), '01936b5e-77a0-7fff-bfff-ffffffffffff')
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('photos are promised where a report may have them', () => {
  const draft = { operation: 1, place: '31.72.01.1001.001' }
  const photos = [{ sha256: 'a', bytes: 3 }]
  const correction = reportOf({ ...draft, content: { kind: 'correction', of: 'x', reason: 'salah', replacement: { kind: 'custody', holder: 'pps', sealed: true } } }, 'id', 'now', photos)

  assert.deepEqual(correction.content, { kind: 'correction', of: 'x', reason: 'salah', replacement: { kind: 'custody', holder: 'pps', sealed: true, photos } })
  assert.throws(() => reportOf({ ...draft, content: { kind: 'nihil' } }, 'id', 'now', photos), TypeError)
  assert.deepEqual(Object.keys(reportOf({ ...draft, content: { kind: 'nihil' } }, 'id', 'now', [])), ['id', 'operation', 'place', 'observed_at', 'content'])
})

test('a photo is made smaller and never larger', () => {
  assert.deepEqual([fitted(4000, 3000), fitted(1200, 4800), fitted(640, 480), fitted(10_000, 1)], [
    { width: LONGEST_EDGE, height: 1200 },
    { width: 400, height: LONGEST_EDGE },
    { width: 640, height: 480 },
    { width: LONGEST_EDGE, height: 1 },
  ])
})

test('a voice note is promised beside the photos, by what replaces in a correction; without one not a byte is other', () => {
  const content = { kind: 'incident' as const, category: 'lain', severity: 'rendah', occurrence: 'terjadi', text: 'x' }
  const draft = { operation: 1, place: '31.72.01.1001.001', content }
  const [photo, voice] = [{ sha256: 'a', bytes: 1 }, { sha256: 'b', bytes: 2, seconds: 3 }]

  assert.deepEqual(reportOf(draft, 'i', 't', [photo], voice).content, { ...content, photos: [photo], voice })
  assert.deepEqual(reportOf(draft, 'i', 't', [], voice).content, { ...content, voice })
  assert.equal(JSON.stringify(reportOf(draft, 'i', 't', [photo])), JSON.stringify({ id: 'i', operation: 1, place: draft.place, observed_at: 't', content: { ...content, photos: [photo] } }))
  const correction = { kind: 'correction' as const, of: 'j', reason: 'salah', replacement: content }
  assert.deepEqual(reportOf({ ...draft, content: correction }, 'i', 't', [], voice).content, { ...correction, replacement: { ...content, voice } })
  assert.throws(() => reportOf({ ...draft, content: { kind: 'nihil' } }, 'i', 't', [], voice), TypeError)
})

test('an item tells its voice note from its photos, and is followed until both are gone', () => {
  const photo: KeptPhoto = { sha256: 'a', bytes: 1, standing: 'terkirim', why: null, tries: 1, next_at: 0 }
  const voice: KeptPhoto = { ...photo, sha256: 'b', standing: 'antre', seconds: 12 }
  const item = itemOf(kept(1, { standing: 'diterima', photos: [photo, voice] }))

  assert.deepEqual(item.photos, [{ sha256: 'a', bytes: 1, standing: 'terkirim', why: null }])
  assert.deepEqual(item.voice, { sha256: 'b', bytes: 1, standing: 'antre', why: null, seconds: 12 })
  assert.equal(isFollowed(item), true)
  assert.equal(isFollowed(itemOf(kept(1, { standing: 'diterima', photos: [photo, { ...voice, standing: 'terkirim' }] }))), false)
  // As it lies on phones from before there were any.
  assert.equal(itemOf(kept(1, { photos: [photo] })).voice, null)
})

const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array((text.replaceAll(' ', '').match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)))
const HEAD = '1a45dfa3 84 42868101'
const SCALE = '2ad7b1 83 0f4240'

test('a recording says how long it is', () => {
  const long = withDuration(hex(`${HEAD} 18538067 01ffffffffffffff 1549a966 87 ${SCALE} 1654ae6b 80 1f43b675 ff e78100`), 2500)

  assert.deepEqual(long, hex(`${HEAD} 18538067 01ffffffffffffff 1549a966 0100000000000012 ${SCALE} 4489 88 40a3880000000000 1654ae6b 80 1f43b675 ff e78100`))
  // Said once, it stays.
  assert.deepEqual(withDuration(long, 9000), long)
})

test('what is no recording of that kind is left as it is', () => {
  for (const text of ['', '00', HEAD, `${HEAD} 18538067 ff 1654ae6b 80`, `${HEAD} 18538067 ff 1549a966 99 ${SCALE}`, `${HEAD} 18538067 ff 1549a966 87 2ad7b1 83 000001`, '0000001c 66747970 69736f35', '1a45dfa3']) {
    assert.deepEqual(withDuration(hex(text), 1000), hex(text), text)
  }
})

test('a clock that somebody set is not put right by what it was wrong by before', () => {
  const of = (ms: number): Skew => ({ ms, within_ms: 600, at: NOW, steady: { of: 1, ms: 1000 } })
  /** An hour later, the wall clock moved by so much beside it. */
  const later = (skew: Skew, moved: number, page = 1): boolean => isCurrent(skew, NOW + 3_600_000 + moved, { of: page, ms: 3_601_000 })

  assert.equal(later(of(600_000), 0), true)
  assert.equal(later(of(600_000), -600_000), false, 'fast, and set back')
  assert.equal(later(of(-600_000), 580_000), false, 'slow, and set forward by hand')
  assert.equal(later(of(-600_000), 1_500_000), true, 'it slept')
  assert.equal(later(of(-600_000), 580_000, 2), true, 'another page: nobody can say')
  assert.equal(isCurrent(of(600_000), NOW - 300_000, { of: 2, ms: 0 }), false, 'behind the measurement')
  assert.equal(isCurrent(of(600_000), NOW + 13 * 3_600_000, { of: 2, ms: 0 }), false, 'long ago')
})

test('a report says by how much its hours were put right, and nothing where the phone is believed', () => {
  const draft = { operation: 1, place: '31.72.01.1001.001', content: { kind: 'nihil' } as const }

  assert.equal(skewSeconds({ ms: 599_700, within_ms: 600, at: NOW }), 600)
  assert.equal(skewSeconds({ ms: 400, within_ms: 600, at: NOW }), null)
  assert.equal(reportOf({ ...draft, clock_skew_s: 600 }, 'id', 'now', []).clock_skew_s, 600)
  assert.equal('clock_skew_s' in reportOf({ ...draft, clock_skew_s: null }, 'id', 'now', []), false)
})
