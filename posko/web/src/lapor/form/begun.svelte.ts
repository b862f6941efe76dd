import { getContext, setContext, untrack } from 'svelte'
import type { Lapor } from '../lapor.svelte.ts'
import { BegunForms, type Returned } from '../outbox/begun.ts'
import type { BegunFilms, BegunForm, Filmed } from '../outbox/database.ts'
import type { Recorded } from '../outbox/item.ts'
import { uuid7 } from '../../uuid7.ts'

/** Whoever types waits for no disk: it is written when the finger rests, and when the page is put away. */
const REST_MS = 400
/** A disk that does not answer (iOS, now and then) keeps nobody from a form. */
const PATIENCE_MS = 1_500
/** A photo of a camera; what is larger comes back no sooner than it is small. */
const WHOLE_LIMIT_BYTES = 8 * 1024 * 1024

interface Films {
  /** All that are in the form. */
  photos: readonly Blob[]
  /** Each as it will be sent; null: not small by now. */
  small: () => Promise<(Filmed | null)[]>
  voice: Recorded | null
}

/** A form that somebody fills in, kept on this phone until it is sent: a call, a reload or a phone short of memory costs nothing of it. */
export class Begun {
  /** What was begun before is in the form again. */
  isReturned = $state(false)
  /** Of its photos and voice note there is less than there was. */
  isLess = $state(false)
  /** The phone has no room for it. */
  isUnkept = $state(false)
  readonly key: string
  /** The id of the report that it becomes: the same in every tab that shows it, so that it is filed once. */
  report: string = $state('')
  /** By this phone's clock; null: nothing of it is kept. */
  private begun_at: number | null = null
  private readonly lapor: Lapor
  private readonly account: number
  private readonly forms: BegunForms
  private kept: Returned | null = null
  /** The fields of a form that nobody has touched, as JSON, and its films. */
  private readonly first = new Map<string, string>()
  private firstFilms: Pick<Films, 'photos' | 'voice'> = { photos: [], voice: null }
  private fields: Record<string, unknown> = {}
  private films: Films | null = null
  /** What is on disk, of the films which. */
  private written = ''
  private writtenFilms: readonly unknown[] = []
  private isOver = $state(false)
  private timer: ReturnType<typeof setTimeout> | undefined
  private last: Promise<void> = Promise.resolve()

  /** `what`: which form of the TPS that is worked on. */
  constructor(lapor: Lapor, what: string) {
    this.lapor = lapor
    this.account = lapor.field.session?.account.id ?? 0
    this.key = `${this.account} ${lapor.operation?.id} ${lapor.code} ${what}`
    this.forms = new BegunForms(lapor.outbox.database)
    this.renew()
  }

  /** What is in it becomes a report of its own, whatever was sent from another tab. */
  renew(): void {
    this.report = uuid7(this.lapor.outbox.now())
  }

  /** It was sent from another tab, where it was open too. */
  get isSent(): boolean {
    return !this.isOver && this.lapor.items.some(({ id }) => id === this.report)
  }

  /** Looks whether there is something to bring back. Never rejects. */
  async recall(): Promise<void> {
    const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null))
    const kept = this.forms.recall(this.key).catch(() => null)
    this.kept = await Promise.race([kept, late])
    this.isReturned = this.kept !== null
    this.isLess = this.kept?.isLess ?? false
    this.begun_at = this.kept?.begun_at ?? null
    if (this.kept?.report) this.report = this.kept.report
    this.fields = { ...this.kept?.fields }
    this.written = this.kept ? JSON.stringify(this.fields) + (this.kept.films !== null) : ''
    this.writtenFilms = this.kept?.films ? [...this.kept.films.photos, this.kept.films.voice] : []
  }

  /** What a field begins with; `first`: in a form that nobody has touched. */
  take<T>(name: string, first: T): T {
    this.first.set(name, JSON.stringify(first))
    const kept = this.kept?.fields[name]
    return kept === undefined ? first : (kept as T)
  }

  /** The same of several fields together: those that the form has, whatever it had. */
  takeAll(name: string, first: Record<string, string>): Record<string, string> {
    const kept = this.take(name, first)
    return Object.fromEntries(Object.entries(first).map(([field, value]) => [field, kept[field] ?? value]))
  }

  takeFilms<T extends { photos: Blob[]; voice: Recorded | null }>(first: T): T {
    this.firstFilms = first
    return { ...first, ...this.kept?.films }
  }

  /** Writes down what is in these fields from now on, whenever it is something else. */
  follow(said: () => Record<string, unknown>): void {
    $effect(() => {
      Object.assign(this.fields, $state.snapshot(said()))
      untrack(() => this.changed())
    })
  }

  followFilms(said: () => Films): void {
    $effect(() => {
      this.films = said()
      untrack(() => this.changed())
    })
  }

  /** Writes at once what is not written yet, and films that had to make room meanwhile; `isLeft`: the page is put away, and a photo that is not small yet is kept whole. */
  flush(isLeft = false): void {
    if (this.timer === undefined && this.writtenFilms.length === 0) return
    clearTimeout(this.timer)
    this.timer = undefined
    this.last = this.last.then(() => this.write(isLeft))
  }

  /** From here on nothing is written: it is being sent; `isOver` false: it could not be. */
  end(isOver = true): void {
    this.isOver = isOver
    if (isOver) return
    // A full phone has made room of the films.
    this.writtenFilms = []
    this.changed()
  }

  /** Throws it away: the form is as it began. */
  async empty(): Promise<void> {
    this.isOver = true
    clearTimeout(this.timer)
    await this.last
    await this.forms.forget(this.key).catch(() => undefined)
    this.kept = this.films = this.begun_at = null
    this.fields = {}
    this.writtenFilms = []
    this.written = ''
    this.isReturned = this.isLess = this.isOver = false
    this.renew()
  }

  private changed(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.flush(), REST_MS)
  }

  private async write(isLeft: boolean): Promise<void> {
    if (this.isOver) return
    try {
      if (this.isTouched()) await this.keep(isLeft)
      else if (this.written !== '') {
        await this.forms.forget(this.key)
        this.written = ''
        this.begun_at = null
      }
      this.isUnkept = false
    } catch {
      // Whatever it is that it could not be written for: the form goes on.
      this.isUnkept = true
    }
  }

  private async keep(isLeft: boolean): Promise<void> {
    const held = this.areFilmsTouched() ? this.films : null
    const count = held ? held.photos.length + Number(held.voice !== null) : null
    const isFirst = this.begun_at === null
    const form = { key: this.key, account: this.account, report: this.report, begun_at: (this.begun_at ??= Date.now()), fields: { ...this.fields }, films: count }
    const written = JSON.stringify(form.fields) + (held !== null)
    // Side by side and at once: a page that is put away hears of no answer, and words wait for no photo.
    const words = this.written === written ? null : (isFirst ? this.begin(form) : this.forms.keep(form)).then(() => (this.written = written))
    if (isFirst) await words
    const films = held ? this.keepFilms(form, held, isLeft) : null
    await Promise.all([words, films])
    if (!held) this.writtenFilms = []
  }

  private async begin(form: BegunForm & { report: string }): Promise<void> {
    this.report = form.report = await this.forms.begin(form)
  }

  private async keepFilms(form: BegunForm, held: Films, isLeft: boolean): Promise<void> {
    const photos = await this.keptOf(held, isLeft)
    const which = [...photos, held.voice]
    const areSame = which.length === this.writtenFilms.length && which.every((film, n) => film === this.writtenFilms[n])
    if (areSame && !(form.films && (await this.forms.hasLostFilms(this.key)))) return
    const films = { photos: await Promise.all(photos.map(bytesOf)), voice: await tapeOf(held.voice) }
    if (this.isOver) return
    await this.forms.keep(form, films)
    this.writtenFilms = which
  }

  /** Of the photos in the form those that are kept by now: what came back as it is. */
  private async keptOf({ photos, small }: Films, isLeft: boolean): Promise<(Blob | Filmed)[]> {
    const made = await small()
    return photos.map((photo, n) => (this.kept?.films?.photos.includes(photo) ? photo : (made[n] ?? (isLeft && photo.size <= WHOLE_LIMIT_BYTES ? photo : null)))).filter((film) => film != null)
  }

  private isTouched(): boolean {
    return this.areFilmsTouched() || Object.entries(this.fields).some(([name, value]) => JSON.stringify(value) !== this.first.get(name))
  }

  private areFilmsTouched(): boolean {
    if (this.films === null) return false
    const { photos, voice } = this.films
    return voice !== this.firstFilms.voice || photos.length !== this.firstFilms.photos.length || photos.some((photo, n) => photo !== this.firstFilms.photos[n])
  }
}

async function bytesOf(film: Blob | Filmed): Promise<BegunFilms['photos'][number]> {
  return { type: film.type, data: film instanceof Blob ? await film.arrayBuffer() : film.data }
}

async function tapeOf(voice: Recorded | null): Promise<BegunFilms['voice']> {
  return voice ? { type: voice.data.type, data: await voice.data.arrayBuffer(), seconds: voice.seconds } : null
}

const KEY = Symbol('begun')

export function provideBegun(begun: Begun): Begun {
  return setContext(KEY, begun)
}

export function useBegun(): Begun {
  return getContext<Begun>(KEY)
}
