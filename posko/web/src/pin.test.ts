import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digitsOf, faultOf } from './pin.ts'

test('a PIN has six digits, typed twice alike', () => {
  assert.equal(faultOf('', ''), 'pin.empty')
  assert.equal(faultOf('48271', '48271'), 'pin.digits')
  assert.equal(faultOf('48271a', '48271a'), 'pin.digits')
  assert.equal(faultOf('482719', '482718'), 'pin.differs')
  assert.equal(faultOf('482719', '482719'), null)
})

test('what everyone tries first is told before anything is sent', () => {
  for (const pin of ['000000', '123456', '654321', '890123', '121212', '123123', '123321', '111112']) {
    assert.equal(faultOf(pin, pin), 'rule.pin-too-simple', pin)
  }
})

test('a code is pasted with whatever stands around its digits', () => {
  assert.equal(digitsOf('482 719'), '482719')
  assert.equal(digitsOf('Kode: 482-719-33'), '482719')
  assert.equal(digitsOf('abc'), '')
})
