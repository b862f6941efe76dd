/** What a person reads: Indonesian first, English second, out of the one catalogue in words/<part>/*.json. */

export type Language = 'id' | 'en'
export type Catalogue = Readonly<Record<string, string>>

const LOCALES: Record<Language, string> = { id: 'id-ID', en: 'en-GB' }

const INTEGERS: Intl.NumberFormatOptions = {}
const DECIMALS: Intl.NumberFormatOptions = { maximumFractionDigits: 1 }
const CLOCK = { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
const TO_THE_SECOND: Intl.DateTimeFormatOptions = { ...CLOCK, second: '2-digit' }
const WITH_DAY: Intl.DateTimeFormatOptions = { ...CLOCK, day: 'numeric', month: 'short' }
const WITH_YEAR: Intl.DateTimeFormatOptions = { ...WITH_DAY, year: 'numeric' }
const FORMS = { second: TO_THE_SECOND, day: WITH_DAY, year: WITH_YEAR }
const HERE: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' }
const HERE_WITH_YEAR: Intl.DateTimeFormatOptions = { ...HERE, year: 'numeric' }

/** One format each, made when it is first used: an old phone takes longer to make one than to draw a screen with it. */
function once<Form extends object, Format>(make: (locale: string, form: Form) => Format): (language: Language, form: Form) => Format {
  const made: Record<Language, Map<Form, Format>> = { id: new Map(), en: new Map() }
  return (language, form) => {
    let format = made[language].get(form)
    if (format === undefined) made[language].set(form, (format = make(LOCALES[language], form)))
    return format
  }
}

const numbersOf = once((locale, form: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, form))
const timesOf = once((locale, form: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, form))

/** The words and formats of one language. */
export class Words {
  readonly language: Language
  private readonly catalogue: Catalogue

  constructor(language: Language, catalogue: Catalogue) {
    this.language = language
    this.catalogue = catalogue
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
    // Neither language writes these otherwise.
    if (Number.isInteger(value) && value >= 0 && value < 1000) return String(value)
    return numbersOf(this.language, INTEGERS).format(value)
  }

  /** Percent with at most one decimal. */
  share(value: number): string {
    return `${numbersOf(this.language, DECIMALS).format(value)} %`
  }

  /** Clock time at a place that is `offset` hours east of UTC: to the second, or to the minute with its day, and its year. */
  clock(time: string, offset: number, form: keyof typeof FORMS = 'second'): string {
    const there = new Date(Date.parse(time) + offset * 3_600_000)
    return timesOf(this.language, FORMS[form]).format(there)
  }

  /** Day and time by this machine's clock, with its zone, and the year where it is not this one. */
  moment(time: string): string {
    const there = new Date(time)
    return timesOf(this.language, there.getFullYear() === new Date().getFullYear() ? HERE : HERE_WITH_YEAR).format(there)
  }

  /** A duration in its largest whole unit. */
  age(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000))
    if (seconds < 60) return this.say('age.s', { n: seconds })
    if (seconds < 3600) return this.say('age.m', { n: Math.floor(seconds / 60) })
    return this.say('age.h', { n: Math.floor(seconds / 3600) })
  }
}
