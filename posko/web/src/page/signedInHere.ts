/** Whether somebody signed in with this browser: no secret, only whether it is worth asking the server. */

const MARK = 'posko.session'

export function mayBeSignedIn(): boolean {
  return localStorage.getItem(MARK) !== null
}

export function noteSignedIn(): void {
  localStorage.setItem(MARK, '1')
}

export function noteSignedOut(): void {
  localStorage.removeItem(MARK)
}
