/** Which six-digit PINs are taken: those that everyone tries first are told here at once, the server has the last word. */

export const PIN_DIGITS = 6

export type PinFault = 'pin.empty' | 'pin.digits' | 'rule.pin-too-simple' | 'pin.differs'

/** What is wrong with a PIN that was typed twice; null when nothing is. */
export function faultOf(pin: string, again: string): PinFault | null {
  if (pin === '') return 'pin.empty'
  if (!/^[0-9]{6}$/.test(pin)) return 'pin.digits'
  if (isSimple(pin)) return 'rule.pin-too-simple'
  return pin === again ? null : 'pin.differs'
}

function isSimple(pin: string): boolean {
  const digits = [...pin].map(Number)
  const steps = new Set(digits.slice(1).map((digit, index) => (digit - (digits[index] ?? 0) + 10) % 10))
  const isMirrored = pin === [...pin].reverse().join('')
  // 111111 and 345678, 121212, 123123, 123321
  return steps.size === 1 || new Set(digits).size <= 2 || pin.slice(0, 3) === pin.slice(3) || isMirrored
}

/** What a person typed, as digits only: phones paste codes with spaces and dashes. */
export function digitsOf(text: string): string {
  return text.replace(/\D/g, '').slice(0, PIN_DIGITS)
}
