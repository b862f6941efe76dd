import type { Words } from '../../words.ts'
import type { Check } from '../checks.ts'

/** What is wrong with a field, in words; nothing before somebody has tried to send. */
export function faultIn(words: Words, checks: readonly Check[], field: string, isTried: boolean): string | null {
  const found = isTried ? checks.find((check) => check.isBlocking && check.field === field) : undefined
  return found ? words.say(found.key, found.given) : null
}

/** All that stands in the way of sending, each with the name of its field. */
export function faultsIn(words: Words, checks: readonly Check[], names: Readonly<Record<string, string>>): string[] {
  return checks
    .filter(({ isBlocking }) => isBlocking)
    .map(({ key, given, field = '' }) => (names[field] ? `${names[field]}: ${words.say(key, given)}` : words.say(key, given)))
}
