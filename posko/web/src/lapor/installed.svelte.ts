import { getContext, setContext } from 'svelte'
import { keepOfficersPage } from './keep.ts'
import { isTyping } from './typing.ts'

const HOUR_MS = 3_600_000

/** What Chromium hands out when the page can be put on the home screen; once only. */
export interface InstallOffer extends Event {
  prompt(): Promise<unknown>
}

/** The page as it is kept on this phone by its service worker, and newer ones of it. */
export class Installed {
  /** The browser offers to install it: at a tap. */
  offer: InstallOffer | null = $state.raw(null)
  /** A newer page is here and waits: `takeOver` shows it. */
  isUpdateReady = $state(false)
  /** The page opens without a network. */
  isKept = $state(false)
  private registration: ServiceWorkerRegistration | null = null
  private hasAsked = false

  /** Keeps the page. Without a secure origin there is no service worker, and the page needs a network to open. */
  async register(): Promise<void> {
    // It comes once, and early.
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault()
      this.offer = event as InstallOffer
    })
    addEventListener('appinstalled', () => (this.offer = null))
    if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
    const hadOne = navigator.serviceWorker.controller !== null
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      // At the first visit the page that is shown is the one that is kept.
      if (hadOne || this.hasAsked) this.reload()
      this.isKept = true
    })
    try {
      this.registration = await keepOfficersPage()
    } catch {
      return
    }
    this.watch(this.registration)
    this.isKept = navigator.serviceWorker.controller !== null
    // A page that was on its way while its worker became active (after the sign-in) was not seen by it.
    if (!this.isKept) void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage('claim'))
    setInterval(() => void this.registration?.update().catch(() => undefined), HOUR_MS)
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden' && this.isUpdateReady && !isTyping()) this.takeOver()
    })
  }

  /** Shows the newer page. What was filed is on disk; what is half typed comes back, but a form is not pulled away under a finger: the person says when. */
  takeOver(): void {
    this.hasAsked = true
    this.registration?.waiting?.postMessage('take-over')
  }

  private watch(registration: ServiceWorkerRegistration): void {
    const look = (): void => {
      this.isUpdateReady = registration.waiting !== null && navigator.serviceWorker.controller !== null
    }
    const follow = (): void => {
      look()
      registration.installing?.addEventListener('statechange', look)
    }
    // One may have been found before anybody looked.
    follow()
    registration.addEventListener('updatefound', follow)
  }

  /** Another tab took the newer page: this one follows unless somebody is typing in it. */
  private reload(): void {
    if (this.hasAsked || !isTyping()) location.reload()
  }
}

const KEY = Symbol('installed')

export function provideInstalled(installed: Installed): Installed {
  return setContext(KEY, installed)
}

export function useInstalled(): Installed {
  return getContext<Installed>(KEY)
}
