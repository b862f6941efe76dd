/** What a person reads: Indonesian first, English second, out of the one catalogue in words/<part>/*.json. */

export type Language = 'id' | 'en'
export type Catalogue = Readonly<Record<string, string>>

const LOCALES: Record<Language, string> = { id: 'id-ID', en: 'en-GB' }

/** The words and formats of one language. */
export class Words {
  readonly language: Language
  private readonly catalogue: Catalogue
  private readonly integers: Intl.NumberFormat
  private readonly decimals: Intl.NumberFormat

  constructor(language: Language, catalogue: Catalogue) {
    this.language = language
    this.catalogue = catalogue
    this.integers = new Intl.NumberFormat(LOCALES[language])
    this.decimals = new Intl.NumberFormat(LOCALES[language], { maximumFractionDigits: 1 })
  }

  has(key: string): boolean {
    return key in this.catalogue
  }

  /** The words of a key (of `key.one`, where there is one of it), its `{names}` filled in; the key itself where the catalogue has none. */
  say(key: string, given: Record<string, string | number> = {}): string {
    const text = (given['n'] === 1 ? this.catalogue[`${key}.one`] : undefined) ?? this.catalogue[key] ?? key
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = given[name]
      return value === undefined ? whole : typeof value === 'number' ? this.number(value) : value
    })
  }

  number(value: number): string {
    return this.integers.format(value)
  }

  /** Percent with at most one decimal. */
  share(value: number): string {
    return `${this.decimals.format(value)} %`
  }

  /** Clock time at a place that is `offset` hours east of UTC: to the second, or to the minute with its day. */
  clock(time: string, offset: number, form: 'second' | 'day' = 'second'): string {
    const there = new Date(Date.parse(time) + offset * 3_600_000)
    const clock = { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    const more = form === 'second' ? ({ second: '2-digit' } as const) : ({ day: 'numeric', month: 'short' } as const)
    return new Intl.DateTimeFormat(LOCALES[this.language], { ...clock, ...more }).format(there)
  }

  /** Day and time by this machine's clock, with its zone, and the year where it is not this one. */
  moment(time: string): string {
    const there = new Date(time)
    const year = there.getFullYear() === new Date().getFullYear() ? {} : ({ year: 'numeric' } as const)
    const form = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short', ...year } as const
    return new Intl.DateTimeFormat(LOCALES[this.language], form).format(there)
  }

  /** A duration in its largest whole unit. */
  age(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000))
    if (seconds < 60) return this.say('age.s', { n: seconds })
    if (seconds < 3600) return this.say('age.m', { n: Math.floor(seconds / 60) })
    return this.say('age.h', { n: Math.floor(seconds / 3600) })
  }
}
