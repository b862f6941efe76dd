import type { Words } from '../../words.ts'
import type { Check } from '../checks.ts'

/** What is wrong with a field, in words; nothing before somebody has tried to send. */
export function faultIn(words: Words, checks: readonly Check[], field: string, isTried: boolean): string | null {
  const found = isTried ? checks.find((check) => check.isBlocking && check.field === field) : undefined
  return found ? words.say(found.key, found.given) : null
}
