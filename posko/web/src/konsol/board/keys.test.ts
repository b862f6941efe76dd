import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandOf, type Pressed } from './keys.ts'

test('keys do nothing while somebody writes, with a modifier, or turned off; Escape and arrows go on', () => {
  const key = (name: string, more: Partial<Pressed> = {}): Pressed => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...more })

  assert.deepEqual(['j', 'K', 'a', 'e', 'd', 'm', 's', 'r', 'c', '/', '?'].map((name) => commandOf(key(name), false, false, true)), ['next', 'previous', 'acknowledgement', 'escalation', 'directive', 'merge', 'snooze', 'resolution', 'comment', 'search', 'help'])
  assert.equal(commandOf(key('a'), true, false, true), null)
  assert.equal(commandOf(key('a', { ctrlKey: true }), false, false, true), null)
  assert.equal(commandOf(key('a'), false, false, false), null)
  assert.deepEqual([commandOf(key('Escape'), false, false, false), commandOf(key('ArrowDown'), false, true, false), commandOf(key('ArrowDown'), false, false, true)], ['close', 'next', null])
})
