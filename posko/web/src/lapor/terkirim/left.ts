import type { Lapor } from '../lapor.svelte.ts'

/** What lies on this phone and the server has not taken yet, in words; empty where there is nothing. */
export function leftIn({ words, reporting, saying, following }: Pick<Lapor, 'words' | 'reporting' | 'saying' | 'following'>): string {
  const parts = [
    ...(reporting > 0 ? [words.say('lapor.outbox.reports', { n: reporting })] : []),
    ...(saying > 0 ? [words.say('lapor.outbox.acts', { n: saying })] : []),
    ...(following > 0 ? [words.say('lapor.outbox.films', { n: following })] : []),
  ]
  return parts.join(words.say('lapor.outbox.and'))
}
