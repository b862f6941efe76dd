import type { Words } from '../../words.ts'
import { NobodyHere, StorageFull } from '../outbox/item.ts'

/** Why a report could not be kept on this phone, in words. */
export function failureIn(words: Words, error: unknown): string {
  if (error instanceof StorageFull) return words.say('lapor.full')
  if (error instanceof NobodyHere) return words.say('lapor.nobody')
  console.error(error)
  return words.say('lapor.unforeseen')
}
