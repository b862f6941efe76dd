/** Who signed in with this browser last: no secret, only whether it is worth asking the server, and whose things may be shown meanwhile. */

const MARK = 'posko.session'
/** By pages of before, which did not say who. */
const SOMEBODY = '1'
const PREFIX = 'akun '

export function mayBeSignedIn(): boolean {
  return localStorage.getItem(MARK) !== null
}

/** Whether the one who signed in here last may be this account. */
export function mayBe(account: number): boolean {
  const mark = localStorage.getItem(MARK)
  return mark === SOMEBODY || mark === PREFIX + account
}

export function noteSignedIn(account: number): void {
  localStorage.setItem(MARK, PREFIX + account)
}

export function noteSignedOut(): void {
  localStorage.removeItem(MARK)
}
