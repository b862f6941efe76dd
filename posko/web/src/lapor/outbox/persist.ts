const ASKED = 'posko.lapor.persist'

/**
 * Asks that the browser keeps what lies here when room is short: once, when it is plain what for, and once more when the
 * page runs from the home screen, where Chromium says yes to what it said no to before.
 */
export async function persist(): Promise<void> {
  const as = matchMedia('(display-mode: standalone)').matches ? 'installed' : '1'
  if (localStorage.getItem(ASKED) === as) return
  localStorage.setItem(ASKED, as)
  await navigator.storage?.persist?.().catch(() => false)
}
