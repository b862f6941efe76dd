import { isUnsaid, nextActs } from './act.ts'
import { actAnswered, answered, broken, photoAnswered, refused, verdictOf, type Answer } from './answer.ts'
import { BegunForms } from './begun.ts'
import { better, type Skew } from './clock.ts'
import type { Database, Who } from './database.ts'
import { StorageFull } from './item.ts'
import { isUnsent, type Kept, type KeptPhoto } from './kept.ts'
import { type PhotoReply, type Reply, sendAct, sendPhoto, sendReports } from './post.ts'
import { failed, FRESH, mayTryAt, nextBatch, photosAt, waitAfter } from './queue.ts'
import { SenderShelf } from './senderShelf.ts'
import { Turn } from './turn.ts'

/** A turn ends after this, so that a tab that waits for its own gets one. */
const ROUND_MS = 60_000

/** Sends what is queued: reports first, always; then photos and voice notes, of which a report that comes takes the line away. */
export class Sender {
  private readonly shelf: SenderShelf
  private readonly begun: BegunForms
  private readonly turn: Turn
  private readonly tell: () => void
  private uploading: AbortController | null = null
  /** Batches in a row that got through in this round. */
  private passed = 0

  /** `tell`: something on the shelf has changed. */
  constructor(shelf: SenderShelf, begun: BegunForms, turn: Turn, tell: () => void) {
    this.shelf = shelf
    this.begun = begun
    this.turn = turn
    this.tell = tell
  }

  /** A report wants the line: the photo that has it waits. */
  makeWay(): void {
    this.uploading?.abort()
  }

  /** Waits for its turn and sends until nothing is left, or something says to wait. `isUrged`: whatever was waited for. */
  round(isUrged: boolean): Promise<void> {
    return this.turn.take(() => this.send(isUrged))
  }

  /** Waits for its turn and says of what a tab left that died that it is queued: that takes no network. */
  settle(): Promise<void> {
    return this.turn.take(async () => {
      const who = await this.shelf.who()
      if (who !== null) await this.recover(who)
    })
  }

  private async send(isUrged: boolean): Promise<void> {
    const who = await this.shelf.who()
    if (who === null) return
    await this.recover(who)
    if ((await this.shelf.note('needs_sign_in')) === who.account) return
    if (isUrged) await this.shelf.urge(who.account)
    const until = Date.now() + ROUND_MS
    this.passed = 0
    while (Date.now() < until) {
      const sent = await this.sendBatch(who, isUrged)
      const said = sent === 'none' ? await this.sendOneAct(who, isUrged) : sent
      isUrged = false
      if (said === 'stopped') break
      if (said === 'none' && !(await this.sendOnePhoto(who))) break
    }
  }

  /** Whoever has the turn is alone: what is still under way here was left by a tab that died. Forms that are nobody's any more go, too. */
  private async recover(who: Who): Promise<void> {
    await this.begun.sweep(who.account)
    const lost = (await this.shelf.unsent()).filter(({ account, standing }) => account === who.account && standing === 'terkirim')
    if (lost.length === 0) return
    await this.shelf.change(lost.map(({ id }) => id), (item) => (item.standing === 'terkirim' ? { ...item, standing: 'antre' } : null))
    this.tell()
  }

  private async sendBatch(who: Who, isUrged: boolean): Promise<'sent' | 'none' | 'stopped'> {
    const line = await this.shelf.line()
    const now = Date.now()
    const waiting = (await this.shelf.unsent()).filter(({ account }) => account === who.account)
    if (waiting.length === 0) return 'none'
    if (mayTryAt(line, isUrged) > now) return 'stopped'
    const batch = nextBatch(waiting, now, line.narrowed, this.passed)
    if (batch.length === 0) return 'none'
    const ids = batch.map(({ id }) => id)
    await this.marking(() => this.shelf.change(ids, (item) => ({ ...item, standing: 'terkirim', tries: item.tries + 1 })))
    const reply = await sendReports(batch, who.account)
    await this.learn(reply.skew)
    const goesOn = await this.take(reply.said, batch, who)
    this.tell()
    return goesOn ? 'sent' : 'stopped'
  }

  /**
   * What was said to directives goes after the reports, which it may name as proof, in the order in which it was said; past
   * what the server failed at, which waits by itself.
   */
  private async sendOneAct(who: Who, isUrged: boolean): Promise<'sent' | 'none' | 'stopped'> {
    const act = nextActs(await this.shelf.acts(who.account)).find(({ next_at }) => (next_at ?? 0) <= Date.now())
    if (!act) return 'none'
    if (mayTryAt(await this.shelf.line(), isUrged) > Date.now()) return 'stopped'
    const sent = { ...act, standing: 'terkirim' as const, tries: act.tries + 1 }
    await this.marking(() => this.shelf.putAct(sent))
    const { said, skew } = await sendAct(act, who.account)
    await this.learn(skew)
    const stands = actAnswered(sent, said, Date.now(), Math.random())
    await this.shelf.putAct(stands)
    const goesOn = !isUnsaid(stands) || stands.next_at !== null
    if (goesOn) await this.shelf.write('line', FRESH)
    else if (said && verdictOf(said, 1) === 'sign_in') await this.shelf.write('needs_sign_in', who.account)
    else if (said) await this.hold(said, false, Date.now())
    this.tell()
    return goesOn ? 'sent' : 'stopped'
  }

  /** Writes down that something is on its way. A full disk does not keep it from being sent; what cannot be written of the answer is asked again. */
  private async marking(write: () => Promise<void>): Promise<void> {
    try {
      await write()
      this.tell()
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error
    }
  }

  /** Writes down what an answer means; whether to go on at once. */
  private async take(answer: Answer, batch: readonly Kept[], who: Who): Promise<boolean> {
    const ids = batch.map(({ id }) => id)
    const verdict = verdictOf(answer, batch.length)
    const now = Date.now()
    if (answer.kind === 'each') {
      const byId = new Map(answer.answers.map((one) => [one.id, one]))
      await this.shelf.change(ids, (item) => {
        const own = byId.get(item.id)
        return own && isUnsent(item) ? answered(item, own, now, Math.random()) : null
      })
      await this.shelf.write('line', FRESH)
      await this.shelf.trim()
      this.passed += 1
      return true
    }
    if (verdict === 'refuse' && answer.kind === 'whole') {
      await this.shelf.change(ids, (item) => refused(item, answer.problem))
      await this.shelf.write('line', FRESH)
      return true
    }
    if (verdict === 'broken' && answer.kind === 'whole') {
      const next_at = now + waitAfter(1 + Math.max(...batch.map(({ tries }) => tries)), Math.random())
      await this.shelf.change(ids, (item) => (isUnsent(item) ? broken(item, batch.length, answer.problem, next_at) : null))
      await this.shelf.write('line', FRESH)
      this.passed = 0
      return true
    }
    await this.shelf.change(ids, (item) => (item.standing === 'terkirim' ? { ...item, standing: 'antre' } : null))
    if (verdict === 'sign_in') await this.shelf.write('needs_sign_in', who.account)
    else await this.hold(answer, verdict === 'narrower', now)
    return verdict === 'narrower'
  }

  private async hold(answer: Answer, isNarrower: boolean, now: number): Promise<void> {
    const line = await this.shelf.line()
    if (isNarrower) return this.shelf.write('line', { ...line, narrowed: line.narrowed + 1 })
    const isLineTrouble = answer.kind === 'none' || (answer.kind === 'whole' && answer.status === 408)
    const { asked_s, held } = answer.kind === 'whole' ? { asked_s: answer.asked_s, held: answer.problem } : { asked_s: 0, held: null }
    await this.shelf.write('line', failed(line, now, Math.random(), { isNarrower: isLineTrouble, asked_s, held }))
  }

  /** Whether a photo was tried, so that there may be more to do. */
  private async sendOnePhoto(who: Who): Promise<boolean> {
    const next = await this.shelf.nextPhoto(who.account)
    if (next === null || photosAt(await this.shelf.line(), await this.shelf.note('photos_until'), next.photo.next_at) > Date.now()) return false
    const film = await this.shelf.film(next.item.id, next.photo.sha256)
    if (!film) return false
    const uploading = (this.uploading = new AbortController())
    this.tell()
    const reply = await sendPhoto(film, next.photo.seconds !== undefined, who.account, uploading.signal)
    this.uploading = null
    await this.takePhoto(next.item.id, next.photo, reply, who, uploading.signal.aborted)
    this.tell()
    return reply.said.status !== 401
  }

  private async takePhoto(id: string, photo: KeptPhoto, reply: Reply<PhotoReply>, who: Who, madeWay: boolean): Promise<void> {
    await this.learn(reply.skew)
    const { status, problem, asked_s } = reply.said
    if (status === 0 && madeWay) return
    if (status === 401) return this.shelf.write('needs_sign_in', who.account)
    if (asked_s > 0) await this.shelf.write('photos_until', Date.now() + asked_s * 1000)
    await this.shelf.takePhoto(id, photoAnswered(photo, status, problem, asked_s, Date.now(), Math.random()))
  }

  private async learn(skew: Skew | null): Promise<void> {
    if (skew) await this.shelf.write('skew', better(await this.shelf.note('skew'), skew))
  }
}

/** `tell`: something on the shelf has changed. */
export function senderOf(database: Database, tell: () => void): Sender {
  return new Sender(new SenderShelf(database), new BegunForms(database), new Turn(database), tell)
}
