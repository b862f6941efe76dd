import type { Catalogue } from '../words.ts'
import type { Preferences } from './preferences.svelte.ts'

/** What can be read by now; what is fetched later is put into it. */
export interface Spoken {
  id: Record<string, string>
  en: Record<string, string>
}

/** Has English fetched once somebody reads it; they read what is there until it comes, and after a failure when they ask again. */
export function fetchEnglishWhenRead(preferences: Preferences, spoken: Spoken, english: () => Promise<Catalogue>): void {
  let hasEnglish = false
  $effect(() => {
    if (preferences.words.language !== 'en' || hasEnglish) return
    hasEnglish = true
    english().then(
      (words) => {
        Object.assign(spoken.en, words)
        preferences.speak(preferences.words.language)
      },
      () => (hasEnglish = false),
    )
  })
}
