/** Who signed in with this browser last: no secret, only whether it is worth asking the server, and whose things may be shown meanwhile. */

const MARK = 'posko.session'
/** By pages of before, which did not say who. */
const SOMEBODY = '1'
const ENDED = 'berakhir'
const PREFIX = 'akun '

export function mayBeSignedIn(): boolean {
  return localStorage.getItem(MARK) !== null && !hasEndedHere()
}

/** Whether the last session of this browser ended, and nobody ended it here: another page of it may have found that out. */
export function hasEndedHere(): boolean {
  return localStorage.getItem(MARK) === ENDED
}

export function noteEnded(): void {
  localStorage.setItem(MARK, ENDED)
}

/** The account that signed in here last; `before`: whom it was by another memory, where a page of before did not say. */
export function lastAccount(before: number | null): number | null {
  const mark = localStorage.getItem(MARK)
  if (mark === SOMEBODY) return before
  return mark?.startsWith(PREFIX) ? Number(mark.slice(PREFIX.length)) : null
}

export function noteSignedIn(account: number): void {
  localStorage.setItem(MARK, PREFIX + account)
}

export function noteSignedOut(): void {
  localStorage.removeItem(MARK)
}
