/** As terms.py has it, and refuses it. */
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g

/** What is sent, without the marks that come along with what is pasted (iOS has them around telephone numbers): nobody sees them, so nobody could take them out. */
export function bodyOf(said: unknown): string {
  return JSON.stringify(said, (_, value: unknown) => (typeof value === 'string' ? value.replace(UNSEEN, '') : value))
}
