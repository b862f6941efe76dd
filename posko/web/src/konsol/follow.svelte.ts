import { untrack } from 'svelte'

/** Looks at once, and again whenever `key` moves: never twice at a time, and not more often than `apart_ms`. For the beginning of a component. */
export function follow(key: () => unknown, look: () => Promise<unknown>, apart_ms = 1_000): void {
  let isLooking = false
  let isDue = false
  let timer: ReturnType<typeof setTimeout> | null = null
  let lookedAt = -Infinity
  let isOver = false

  async function now(): Promise<void> {
    timer = null
    isLooking = true
    isDue = false
    lookedAt = performance.now()
    try {
      await look()
    } finally {
      isLooking = false
      if (isDue) soon()
    }
  }

  function soon(): void {
    isDue = true
    if (isLooking || timer !== null || isOver) return
    const wait_ms = Math.max(0, lookedAt + apart_ms - performance.now())
    if (wait_ms === 0) void now()
    else timer = setTimeout(() => void now(), wait_ms)
  }

  $effect(() => {
    void key()
    untrack(soon)
  })
  $effect(() => () => {
    isOver = true
    if (timer !== null) clearTimeout(timer)
  })
}
