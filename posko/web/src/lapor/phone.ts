import { getContext } from 'svelte'
import { provideSession } from '../page/session.svelte.ts'
import { Field, provideField } from './field.svelte.ts'
import { Installed, provideInstalled } from './installed.svelte.ts'
import { Outbox, provideOutbox } from './outbox/outbox.svelte.ts'

export interface Phone {
  outbox: Outbox
  field: Field
  installed: Installed
}

const KEY = Symbol('phone')

/**
 * What the page stands on, put together, as the page's context: what was filed, who files, the page itself kept. The server is
 * asked before the page is there; `known` resolves when the page has something to say.
 */
export function startPhone(): { context: Map<symbol, Phone>; known: Promise<void> } {
  const outbox = new Outbox()
  const field = new Field(outbox)
  const known = new Promise<void>((resolve) => (field.onSettled = resolve))
  void field.resume()
  return { context: new Map([[KEY, { outbox, field, installed: new Installed() }]]), known }
}

/** Hands it to the page's components. */
export function providePhone(): Phone {
  const phone = getContext<Phone>(KEY)
  provideOutbox(phone.outbox)
  provideField(provideSession(phone.field))
  void provideInstalled(phone.installed).register()
  return phone
}
