/** Whether a browser can keep its screen on here: only at https or on this very machine. */
export function canStayAwake(): boolean {
  return 'wakeLock' in navigator
}

/** Keeps the screen on for as long as the page is seen; the browser lets go whenever it is not. Answers how to end it. */
export function stayAwake(): () => void {
  let lock: WakeLockSentinel | null = null
  let isOver = false

  async function take(): Promise<void> {
    if (isOver || !canStayAwake() || document.visibilityState !== 'visible' || (lock && !lock.released)) return
    try {
      lock = await navigator.wakeLock.request('screen')
      if (isOver) await lock.release()
    } catch {
      lock = null // A battery that runs low refuses it: asked again below.
    }
  }

  const again = setInterval(() => void take(), 60_000)
  const onVisible = (): void => void take()
  document.addEventListener('visibilitychange', onVisible)
  void take()
  return () => {
    isOver = true
    clearInterval(again)
    document.removeEventListener('visibilitychange', onVisible)
    void lock?.release()
  }
}
