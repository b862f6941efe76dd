import { isUnsaid } from '../outbox/act.ts'
import { Database } from '../outbox/database.ts'
import { senderOf } from '../outbox/sender.ts'
import { Shelf } from '../outbox/shelf.ts'
import { openStores } from '../outbox/stores.ts'
import { Tabs } from '../outbox/tabs.ts'

/**
 * Keeps /lapor on the phone, whole: the document and everything that it needs are of one build, so they are taken from
 * here first, at once, whatever the network is like; a newer build is fetched beside it and shown when it is whole. (The
 * network first, even with a short patience, costs that patience at every opening with one bar of signal, and can pair
 * a document with files that are not here.) What is under /v1 never passes through here.
 */

declare const self: ServiceWorkerGlobalScope
/** What the build wrote in: the files of /lapor, and a name for exactly these. */
declare const POSKO_FILES: readonly string[]
declare const POSKO_BUILD: string

const PREFIX = 'posko-lapor '
const CACHE = PREFIX + POSKO_BUILD
const DOCUMENT = '/lapor/'

self.addEventListener('install', (event) => {
  event.waitUntil(keepAll())
})

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver())
})

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting()
  if (event.data === 'claim') event.waitUntil(self.clients.claim())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    if (url.pathname === DOCUMENT) event.respondWith(kept(DOCUMENT, request))
  } else if (POSKO_FILES.includes(url.pathname)) event.respondWith(kept(url.pathname, request))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(ofBefore(request))
})

// Chrome wakes the worker when the network is back and the page is closed; where there is no Background Sync (iOS,
// Firefox) the outbox is sent when the page is opened.
self.addEventListener('sync' as 'message', (event) => {
  const { tag } = event as unknown as { tag: string }
  if (tag === 'posko.lapor') event.waitUntil(sendAll())
})

/** All or nothing: a build that is half here is none. */
async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.addAll(POSKO_FILES.map((path) => new Request(path, { cache: path.startsWith('/assets/') ? 'default' : 'reload' })))
}

/** What is older goes, but the build before this one: a tab that somebody types in still shows it, and may ask for more of it. */
async function takeOver(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)))
  await self.clients.claim()
}

async function ofBefore(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}

/** From here; from the network only if the browser threw the cache away. */
async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(path)) ?? fetch(request)
}

/** Rejects while something is left: then the browser wakes the worker once more, later. */
async function sendAll(): Promise<void> {
  const database = new Database(openStores)
  const shelf = new Shelf(database)
  const tabs = new Tabs(() => undefined)
  await senderOf(database, () => tabs.tell()).round(true)
  const who = await shelf.who()
  const isUnheard = who !== null && (await shelf.acts(who.account)).some(isUnsaid)
  if (isUnheard || (await shelf.unsent()).length > 0) throw new Error('something is left to be sent')
}
