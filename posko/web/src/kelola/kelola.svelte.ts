import { getContext, setContext } from 'svelte'
import type { Role } from '../accounts.ts'
import { Proving } from '../factors/proving.svelte.ts'
import { Preferences } from '../page/preferences.svelte.ts'
import { SignedIn } from '../page/session.svelte.ts'
import type { Operation } from '../records.ts'
import { parse, type Route } from './routes.ts'
import { CATALOGUES } from './words.ts'

/** The whole state of the admin's page, handed to its components as context. */
export class Kelola {
  readonly preferences = new Preferences(CATALOGUES)
  readonly signedIn = new SignedIn()
  readonly api = this.signedIn.api
  readonly proving = new Proving(this.api, (session) => this.signedIn.take(session))
  route: Route = $state.raw(parse(location.hash))
  /** In this seat's reach, by id, the newest first; null until they are known. */
  operations: Operation[] | null = $state.raw(null)
  /** The name of a draft that was deleted in its own view: its list says so. */
  deleted = ''

  constructor() {
    this.api.stepUp = () => this.proving.ask()
  }

  get words() {
    return this.preferences.words
  }

  get role(): Role | undefined {
    return this.signedIn.session?.seat?.role
  }

  /** Regions that this seat may set up. */
  get regions(): string[] {
    return this.signedIn.session?.seat?.regions ?? []
  }

  /** Throws a Refusal where they cannot be had. */
  async loadOperations(): Promise<void> {
    const found = await this.api.get<Operation[]>('/v1/operations')
    this.operations = found.sort((a, b) => b.id - a.id)
  }
}

const KEY = Symbol('kelola')

export function provideKelola(kelola: Kelola): Kelola {
  return setContext(KEY, kelola)
}

export function useKelola(): Kelola {
  return getContext<Kelola>(KEY)
}
