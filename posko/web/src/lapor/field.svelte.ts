import { getContext, setContext } from 'svelte'
import { SignedIn } from '../page/session.svelte.ts'
import type { Operation, OperationDetail, Tps } from '../records.ts'
import type { Owed, Received } from './due.ts'

/** Something that the server said, and when it was fetched (milliseconds since 1970 by this phone's clock). */
export interface Known<T> {
  value: T
  fetched_at: number
}

/** What is known of a TPS. */
export interface KnownTps {
  code: string
  tps: Known<Tps> | null
  owed: Known<Owed> | null
  directives: Known<Received[]> | null
}

/** A TPS to choose from. */
export interface Choice {
  code: string
  name: string
  parent_name: string | null
}

/** Who is signed in and what this phone knows, with and without a network. Hand it to the Masthead as `signedIn`. */
export class Field extends SignedIn {
  /** The session has ended; what is known still shows. Signing in again is a link to `door`. */
  needsSignIn = $state(false)
  /** The last question found no server. */
  isOffline = $state(false)
  operations: Known<Operation[]> | null = $state.raw(null)
  operation: Known<OperationDetail> | null = $state.raw(null)
  /** The TPS of the seat, as far as they are few enough to choose from. */
  choices: Known<Choice[]> | null = $state.raw(null)
  /** The TPS that is worked on; chosen by itself where the seat has one only. */
  place: KnownTps | null = $state.raw(null)

  /** Where to sign in, and come back from. */
  get door(): string {
    return '/masuk/?ke=/lapor/'
  }

  /** Works on another TPS, of the seat or one that was typed. */
  async choose(_code: string): Promise<void> {}

  async chooseOperation(_id: number): Promise<void> {}

  /** Asks the server for all of this again. */
  async refresh(): Promise<void> {}

  /** What time it is in the operation: the server's clock, in a drill that is played at another hour the drill's. */
  now(): Date {
    return new Date()
  }
}

const KEY = Symbol('field')

export function provideField(field: Field): Field {
  return setContext(KEY, field)
}

export function useField(): Field {
  return getContext<Field>(KEY)
}
