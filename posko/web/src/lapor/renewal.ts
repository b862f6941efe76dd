import { isTyping } from './typing.ts'

/**
 * Until late 2026, browsers kept that a script could not be fetched for as long as the page lived: only a new page asks for it
 * again. So where one is missing, the page is loaded anew once it can be, and once nobody types.
 */
const AGAIN_MS = 30_000
/** Not in a circle: it may be missing on the server. */
const APART_MS = 120_000
const LAST = 'posko.lapor.renewed'

export function renewWhereScriptsAreMissing(): void {
  let isMissing = false
  const renewIfMissing = (): void => void (isMissing && !isTyping() && Date.now() - Number(sessionStorage.getItem(LAST)) > APART_MS && renew())
  addEventListener('vite:preloadError', () => {
    if (isMissing) return
    isMissing = true
    addEventListener('online', renewIfMissing)
    setInterval(renewIfMissing, AGAIN_MS)
  })
}

/** Loads the page anew, unless there is no way to it. */
export async function renew(): Promise<void> {
  const answer = await fetch('/lapor/', { method: 'HEAD', cache: 'no-store' }).catch(() => null)
  if (!answer?.ok) return
  sessionStorage.setItem(LAST, String(Date.now()))
  location.reload()
}
