/** Waiting for a moment: until a limit lets one try again, until a code is too old. */

/** Whole seconds that remain, never below 0. */
export function secondsUntil(moment: number, now: number): number {
  return Math.max(0, Math.ceil((moment - now) / 1000))
}

/** `9:05`: minutes and seconds. */
export function minutesAndSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** When to try again after a refusal that says so, as milliseconds since 1970; null after any other. */
export function retryAt(refusal: { status: number; problem: { retry_after_s?: number } | null }, now: number): number | null {
  const wait_s = refusal.problem?.retry_after_s
  if (refusal.status !== 429 && refusal.status !== 503) return null
  return now + (wait_s ?? (refusal.status === 429 ? 5 : 1)) * 1000
}
