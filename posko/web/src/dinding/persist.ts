const AFTER_MS = 10_000

/** Tries again for as long as it is not stopped: every 10 to 20 s, so that walls that went dark together do not come
 * back together, and when the network is there again. Answers how to end it. */
export function persist(again: () => Promise<void>, network: EventTarget = window, random: () => number = Math.random): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null
  let isOver = false
  let isTrying = false

  function pause(): void {
    if (timer !== null) clearTimeout(timer)
    timer = isOver ? null : setTimeout(() => void look(), AFTER_MS * (1 + random()))
  }

  async function look(): Promise<void> {
    if (isOver || isTrying) return
    isTrying = true
    try {
      await again()
    } finally {
      isTrying = false
      pause()
    }
  }

  const onOnline = (): void => void look()
  network.addEventListener('online', onOnline)
  pause()
  return () => {
    isOver = true
    if (timer !== null) clearTimeout(timer)
    network.removeEventListener('online', onOnline)
  }
}
