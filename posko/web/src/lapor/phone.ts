import { provideSession } from '../page/session.svelte.ts'
import { Field, provideField } from './field.svelte.ts'
import { Installed, provideInstalled } from './installed.svelte.ts'
import { Outbox, provideOutbox } from './outbox/outbox.svelte.ts'

export interface Phone {
  outbox: Outbox
  field: Field
  installed: Installed
}

/** What the page stands on, put together and handed to its components: what was filed, who files, the page itself kept. */
export function providePhone(): Phone {
  const outbox = provideOutbox(new Outbox())
  const field = provideField(provideSession(new Field(outbox)))
  const installed = provideInstalled(new Installed())
  void outbox.open().then(() => field.resume())
  void installed.register()
  return { outbox, field, installed }
}
