import { getContext, setContext } from 'svelte'
import { type Catalogue, type Language, Words } from '../words.ts'

export type Theme = 'auto' | 'light' | 'dark'

/** How this browser likes to read: language and light; kept in this browser only. */
export class Preferences {
  words: Words = $state.raw(new Words('id', {}))
  theme: Theme = $state('auto')
  /** What that comes to, for what is drawn and not styled. */
  isDark = $state(false)
  private catalogues: Record<Language, Catalogue>
  private readonly dark = matchMedia('(prefers-color-scheme: dark)')

  constructor(catalogues: Record<Language, Catalogue>) {
    this.catalogues = catalogues
    this.speak(localStorage.getItem('posko.language') === 'en' ? 'en' : 'id')
    const theme = localStorage.getItem('posko.theme')
    this.light(theme === 'light' || theme === 'dark' ? theme : 'auto')
    this.dark.addEventListener('change', () => this.light(this.theme))
    // Paper is white, and what is drawn on a canvas is drawn in the colours of the moment.
    addEventListener('beforeprint', () => (document.documentElement.dataset.theme = 'light'))
    addEventListener('afterprint', () => this.light(this.theme))
  }

  speak(language: Language): void {
    this.words = new Words(language, this.catalogues[language])
    document.documentElement.lang = language
    keep('posko.language', language)
  }

  /** Adds what is said from now on; what is known already makes nobody say everything anew. */
  learn(more: Record<Language, Catalogue>): void {
    const { id, en } = this.catalogues
    if (Object.entries(more.id).every(([key, text]) => id[key] === text)) return
    this.catalogues = { id: { ...id, ...more.id }, en: { ...en, ...more.en } }
    this.speak(this.words.language)
  }

  light(theme: Theme): void {
    this.theme = theme
    const isDark = theme === 'dark' || (theme === 'auto' && this.dark.matches)
    this.isDark = isDark
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
    keep('posko.theme', theme)
  }
}

/** Writing what is there already would hold up the first view for nothing. */
function keep(name: string, value: string): void {
  if (localStorage.getItem(name) !== value) localStorage.setItem(name, value)
}

const KEY = Symbol('preferences')

/** Hands the preferences of a page to its components. */
export function providePreferences(preferences: Preferences): Preferences {
  return setContext(KEY, preferences)
}

export function usePreferences(): Preferences {
  return getContext<Preferences>(KEY)
}
