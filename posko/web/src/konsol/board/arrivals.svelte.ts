import type { Konsol } from '../konsol.svelte.ts'
import { spokenAfter } from '../spoken.ts'
import { type Chime, chimeOf } from './chime.svelte.ts'
import type { News } from './feed.svelte.ts'
import { type Incident, gravityOf, rankOf } from './incident.ts'
import { titleOf, whereOf } from './saying.ts'

const UNREAD_MOST = 500

/** What has come or become worse: heard, said, and marked until somebody has looked. */
export class Arrivals {
  readonly chime: Chime
  unread: ReadonlySet<string> = $state.raw(new Set())
  /** Rows that have just come or become worse. */
  fresh: ReadonlySet<string> = $state.raw(new Set())
  /** For those who listen: gently, and at once. */
  polite = $state('')
  assertive = $state('')
  private readonly konsol: Konsol

  constructor(konsol: Konsol) {
    this.konsol = konsol
    this.chime = chimeOf(konsol)
  }

  stop(): void {
    this.konsol.news = 0
  }

  /** @param open the incident that is looked at: nobody need be told that there is something in it */
  hear(news: News[], open: string | null): void {
    const ids = news.map(({ incident }) => incident.id)
    for (const { incident } of news) this.konsol.told.note(incident.id, incident.version)
    this.note([...this.unread, ...ids.filter((id) => id !== open)].slice(-UNREAD_MOST))
    this.fresh = new Set(ids)
    const gravest = news.reduce((most, each) => (rankOf(gravityOf(each.incident)) < rankOf(gravityOf(most.incident)) ? each : most))
    const severity = gravityOf(gravest.incident)
    this.chime.play(severity)
    const said = this.sayingOf(news, gravest)
    if (rankOf(severity) <= rankOf('tinggi')) this.assertive = spokenAfter(this.assertive, said)
    else this.polite = spokenAfter(this.polite, said)
  }

  read(id: string): void {
    if (this.unread.has(id)) this.note([...this.unread].filter((other) => other !== id))
  }

  /** What others have taken in hand is no news any more. */
  passOver(rows: readonly Incident[]): void {
    const taken = new Set(rows.filter((row) => row.status !== 'baru' && row.status !== 'dibuka_kembali' && row.alleged === null).map((row) => row.id))
    if ([...this.unread].some((id) => taken.has(id))) this.note([...this.unread].filter((id) => !taken.has(id)))
  }

  private sayingOf(news: News[], gravest: News): string {
    const { words } = this.konsol
    const { incident, kind } = gravest
    const given = { n: news.length, severity: words.say(`severity.${gravityOf(incident)}`), what: titleOf(words, incident), where: whereOf(incident) }
    if (news.length > 1) return words.say('board.news.many', given)
    return words.say(`board.news.${kind}`, given)
  }

  private note(ids: readonly string[]): void {
    this.unread = new Set(ids)
    this.konsol.news = this.unread.size
  }
}
