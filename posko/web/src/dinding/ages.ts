import type { Words } from '../words.ts'

/** A duration in whole words, for those who read it from across the room: `12 detik`. */
export function agedIn(words: Words, ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return words.say('dinding.s', { n: seconds })
  if (seconds < 3600) return words.say('dinding.m', { n: Math.floor(seconds / 60) })
  if (seconds < 172_800) return words.say('dinding.h', { n: Math.floor(seconds / 3600) })
  return words.say('dinding.d', { n: Math.floor(seconds / 86_400) })
}
