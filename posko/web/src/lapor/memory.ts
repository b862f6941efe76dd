import type { Session } from '../accounts.ts'
import type { Operation } from '../records.ts'
import type { Database } from './outbox/database.ts'
import { isFull } from './outbox/shelf.ts'
import { type At, type Choice, type Held, NOTHING, OF_PLACE, type OfPlace, type OperationClock, PARTS, type Part, type Parts } from './parts.ts'

/** Something that the server said, and when it was asked for (milliseconds since 1970 by this phone's clock). */
export interface Known<T> {
  value: T
  fetched_at: number
  /** By which the server knows that this is what it said. */
  mark?: string
}

/** What was known when this phone asked last. */
export interface Remembered {
  held: Held
  at: At
  clock: OperationClock | null
}

/** What the server said to an account, kept on this phone to be shown without a network. */
export class Memory {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  /** What an account worked on last; null: nothing of it is known here. */
  async recallLast(account: number): Promise<Remembered | null> {
    const [session, operations, operation] = await this.recall<[Session, Operation[], number]>(account, 'session', 'operations', 'operation')
    if (session === null) return null
    const before = { ...NOTHING, session, operations }
    return operation ? this.recallOperation(account, before, operation.value) : { held: before, at: {}, clock: null }
  }

  /** The operation and the TPS that an account chose last: codes only, which outlast others on this phone. */
  async recallChoice(account: number): Promise<At> {
    const [operation] = await this.recall<[number]>(account, 'operation')
    if (operation === null) return {}
    const [place] = await this.recall<[string | undefined]>(account, `place ${operation.value}`)
    return { operation: operation.value, place: place?.value }
  }

  /** Turns to what is known of an operation; nothing of the one before stays. */
  async recallOperation(account: number, before: Held, operation: number): Promise<Remembered> {
    const names = [`operation ${operation}`, `choices ${operation}`, `clock ${operation}`, `place ${operation}`] as const
    const [detail, choices, clock, last] = await this.recall<[Parts['detail'], Choice[], OperationClock | null, string | undefined]>(account, ...names)
    const at = { operation, place: last?.value }
    return { held: { ...before, detail, choices, ...(await this.recallPlace(account, at)) }, at, clock: clock?.value ?? null }
  }

  async recallPlace(account: number, at: At): Promise<OfPlace> {
    if (at.place === undefined) return { tps: null, owed: null, directives: null }
    const names = [nameOf('tps', at), nameOf('owed', at), nameOf('directives', at)] as const
    const [tps, owed, directives] = await this.recall<[Parts['tps'], Parts['owed'], Parts['directives']]>(account, ...names)
    return { tps, owed, directives }
  }

  /** That somebody works on this now. */
  keepChoice(account: number, { operation, place }: At): Promise<void> {
    return this.keep(account, { operation: asOfNow(operation), ...(place === undefined ? {} : { [`place ${operation}`]: asOfNow(place) }) })
  }

  /** Keeps what is new, and of the TPS also what was so still: its age is shown. Of others it forgets all but the codes of what they chose: it is not for who holds the phone now. */
  async keepAll(account: number, { held, at, clock }: Remembered, before: Held): Promise<void> {
    const parts = PARTS.filter((part) => held[part] && (held[part].value !== before[part]?.value || isOfPlace(part)))
    const known: Record<string, Known<unknown>> = Object.fromEntries(parts.map((part) => [nameOf(part, at), held[part] as Known<unknown>]))
    if (at.operation !== undefined) {
      known.operation = asOfNow(at.operation)
      known[`place ${at.operation}`] = asOfNow(at.place)
      known[`clock ${at.operation}`] = asOfNow(clock)
    }
    await this.forgetOthers(account)
    await this.keep(account, known)
  }

  private recall<T extends unknown[]>(account: number, ...names: { [K in keyof T]: string }): Promise<{ [K in keyof T]: Known<T[K]> | null }> {
    return this.database.use((stores) => Promise.all(names.map(async (name) => (await stores.get('known', keyOf(account, name))) ?? null))) as never
  }

  /** All of these or none: what a TPS owes is nothing without its clock. Where there is no room they are only not kept. */
  private async keep(account: number, known: Readonly<Record<string, Known<unknown>>>): Promise<void> {
    await this.database
      .use(async (stores) => {
        const transaction = stores.transaction('known', 'readwrite')
        const puts = Object.entries(known).map(([name, one]) => transaction.store.put(one, keyOf(account, name)))
        await Promise.all([...puts, transaction.done])
      })
      .catch((error: unknown) => {
        if (!isFull(error)) throw error
      })
  }

  private async forgetOthers(account: number): Promise<void> {
    await this.database.use(async (stores) => {
      const transaction = stores.transaction('known', 'readwrite')
      for (const key of await transaction.store.getAllKeys()) if (!key.startsWith(keyOf(account, '')) && !CHOICE.test(key)) await transaction.store.delete(key)
      await transaction.done
    })
  }
}

/** The key of what somebody chose: an operation, and a TPS in it. */
const CHOICE = /^\d+ (operation|place \d+)$/

function keyOf(account: number, name: string): string {
  return `${account} ${name}`
}

/** Under which name a part is kept. */
function nameOf(part: Part, { operation, place }: At): string {
  if (part === 'session' || part === 'operations') return part
  if (part === 'detail') return `operation ${operation}`
  return isOfPlace(part) ? `${part} ${operation} ${place}` : `${part} ${operation}`
}

function isOfPlace(part: Part): boolean {
  return (OF_PLACE as readonly Part[]).includes(part)
}

function asOfNow<T>(value: T): Known<T> {
  return { value, fetched_at: Date.now() }
}
