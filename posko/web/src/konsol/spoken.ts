/** What a live region is given next: the same words once more would change nothing there, and nobody would hear them. */
export function spokenAfter(before: string, text: string): string {
  return text !== '' && text === before ? `${text}\u00a0` : text
}
