/** How many letters of a text, as it is sent, are more than the server takes; it counts an emoji as one. */
export function lettersOver(text: string, limit: number): number {
  return text.length <= limit ? 0 : Math.max(0, [...text.trim()].length - limit)
}
