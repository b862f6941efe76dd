import { getContext, setContext } from 'svelte'
import type { Institution, Role, Session } from '../accounts.ts'
import { Proving } from '../factors/proving.svelte.ts'
import { choiceOf } from '../operations.ts'
import { contains, topsOf } from '../places.ts'
import { Preferences } from '../page/preferences.svelte.ts'
import { SignedIn } from '../page/session.svelte.ts'
import type { Operation } from '../records.ts'
import { PlaceNames } from './placeNames.svelte.ts'
import { parse, type Route } from './routes.ts'
import { CATALOGUES } from './words.ts'

/** The whole state of the account page, handed to its components as context. */
export class Akun {
  readonly preferences = new Preferences(CATALOGUES)
  readonly signedIn = new SignedIn()
  readonly api = this.signedIn.api
  readonly proving = new Proving(this.api, (session) => this.signedIn.take(session))
  readonly places = new PlaceNames(this.api)
  route: Route = $state.raw(parse(location.hash))
  /** In this seat's reach, those under way first; null until they are known. */
  operations: Operation[] | null = $state.raw(null)
  /** Who sends people to a posko. */
  institutions: Institution[] = $state.raw([])
  /** Usernames that enrolment sheets are to be made for. */
  chosen: ReadonlySet<string> = $state.raw(new Set())

  constructor() {
    this.api.stepUp = () => this.proving.ask()
  }

  get words() {
    return this.preferences.words
  }

  /** Only inside pages that are shown once somebody is signed in. */
  get session(): Session {
    if (!this.signedIn.session) throw new Error('nobody is signed in')
    return this.signedIn.session
  }

  get role(): Role | undefined {
    return this.signedIn.session?.seat?.role
  }

  /** The topmost place of this seat. */
  get top(): string {
    return this.signedIn.session?.seat?.regions[0] ?? 'ID'
  }

  /** The operation that names of places are taken from, and that is offered first. */
  get operation(): number | null {
    return this.signedIn.session?.seat?.operation ?? this.operations?.[0]?.id ?? null
  }

  /** Another seat is another reach: its operations are asked for anew. */
  async takeSeat(seat: number): Promise<void> {
    const session = await this.api.put<Session>('/v1/sessions/current/seat', { seat })
    if (session.must_enrol) return this.signedIn.enrolFirst()
    this.signedIn.take(session)
    await this.loadCatalogues()
  }

  /** What the sections lean on; one that cannot be had leaves codes in the place of names. */
  async loadCatalogues(): Promise<void> {
    const { role } = this
    if (role === undefined) return
    const operations = await this.api.get<Operation[]>('/v1/operations').catch(() => [])
    this.operations = choiceOf(operations)
    if (role !== 'wall') this.institutions = await this.api.get<Institution[]>('/v1/institutions').catch(() => [])
  }

  institutionOf(code: string): string {
    const found = this.institutions.find((known) => known.code === code)
    return (this.words.language === 'id' ? found?.label_id : found?.label_en) ?? code
  }

  /** Asks for the names of places, in the operation that names are taken from. */
  async learn(codes: readonly string[]): Promise<void> {
    const operation = this.operations?.find(({ id }) => id === this.operation)
    const regions = this.signedIn.session?.seat?.regions ?? []
    if (!operation) return
    for (const top of topsOf(regions, operation.root_code)) await this.places.learn(codes, operation.id, top)
  }

  /** A place and what it lies in, in words. */
  pathOf(code: string): string {
    const regions = this.signedIn.session?.seat?.regions ?? []
    return this.places.path(code, regions.find((region) => contains(region, code)) ?? code)
  }
}

const KEY = Symbol('akun')

export function provideAkun(akun: Akun): Akun {
  return setContext(KEY, akun)
}

export function useAkun(): Akun {
  return getContext<Akun>(KEY)
}
