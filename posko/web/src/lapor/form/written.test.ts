import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { writtenIn } from './written.ts'

test('a report that is only spoken has no words of its own, whatever language it was filed in', () => {
  const spoken = { kind: 'incident', category: 'logistik', severity: 'sedang', occurrence: 'terjadi', voice: { sha256: '', bytes: 1, seconds: 1 } } as const
  for (const language of ['id', 'en']) {
    const { 'lapor.voice.text': text } = JSON.parse(readFileSync(`src/words/suara/${language}.json`, 'utf8')) as Record<string, string>
    assert.ok(text)
    assert.equal(writtenIn({ ...spoken, text }), '')
    const { voice: _, ...written } = spoken
    assert.equal(writtenIn({ ...written, text }), text, 'somebody wrote just that, and recorded nothing')
  }
  assert.equal(writtenIn({ ...spoken, text: 'kotak basah' }), 'kotak basah')
})
