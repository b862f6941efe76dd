/** Where a visitor goes: to the sign-in page and, signed in, on to where they wanted. Never to another site. */

import type { Role } from './accounts.ts'

const DOOR = '/masuk/'
const WANTED = 'ke'
const REASON = 'sebab'
const ENROLMENT = /^#daftar=([A-Za-z0-9_-]{16,64})$/

/** The address of this site that a `?ke=` names; null for any other, and for the sign-in page itself. */
export function wantedOf(search: string, origin: string): string | null {
  const said = new URLSearchParams(search).get(WANTED)
  if (!said?.startsWith('/')) return null
  const wanted = addressOf(said, origin)
  if (wanted?.origin !== origin) return null
  // `/.//elsewhere` stays on this site as an address, but its bare path would not.
  if (wanted.pathname.startsWith('//') || `${wanted.pathname}/`.startsWith(DOOR)) return null
  return wanted.pathname + wanted.search + wanted.hash
}

function addressOf(said: string, origin: string): URL | null {
  try {
    return new URL(said, origin)
  } catch {
    return null
  }
}

/** The address of the sign-in page, from where it comes back to `path`. */
export function doorFrom(path: string, reason?: 'berakhir'): string {
  const query = new URLSearchParams({ [WANTED]: path })
  if (reason) query.set(REASON, reason)
  return `${DOOR}?${query}`
}

/** Whether the visitor was sent here because their session had ended. */
export function hasEnded(search: string): boolean {
  return new URLSearchParams(search).get(REASON) === 'berakhir'
}

/** Where a role begins its work. */
export function homeOf(role: Role | undefined): string {
  if (role === 'petugas') return '/lapor/'
  return role === undefined ? '/akun/' : '/konsol/'
}

/** The one-time code of a QR sheet that an address brings along. */
export function enrolmentOf(hash: string): string | null {
  return ENROLMENT.exec(hash)?.[1] ?? null
}

/** As the address of a QR sheet brings it along. */
export function toEnrolment(code: string): string {
  return `#daftar=${code}`
}

/** As long as every code of a card is: 128 bits in base64url. */
const CODE = /^[A-Za-z0-9_-]{22}$/

/** The code in what somebody typed or pasted: the code itself, in groups or not, or the whole address of the QR. */
export function enrolmentIn(text: string): string | null {
  const said = text.replace(/\s/g, '')
  if (said.includes('#')) return enrolmentOf(said.slice(said.indexOf('#')))
  return CODE.test(said) ? said : null
}

/** A code to be read and typed: in groups of four. Apart by spaces: `-` and `_` may be part of it. */
export function inGroups(code: string): string {
  return code.replace(/\s/g, '').replace(/.{4}(?=.)/g, '$& ')
}
