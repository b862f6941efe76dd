/** Working a board by keyboard. */

export const KEYS = [
  ['j', 'next'],
  ['k', 'previous'],
  ['Enter', 'open'],
  ['Escape', 'close'],
  ['a', 'acknowledgement'],
  ['t', 'handling'],
  ['r', 'resolution'],
  ['e', 'escalation'],
  ['d', 'directive'],
  ['c', 'comment'],
  ['s', 'snooze'],
  ['m', 'merge'],
  ['w', 'watch'],
  ['n', 'arrivals'],
  ['/', 'search'],
  ['?', 'help'],
] as const
export type Command = (typeof KEYS)[number][1]

/** Of a keydown what matters here. */
export interface Pressed {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  isComposing: boolean
}

const ARROWS: Record<string, Command> = { ArrowDown: 'next', ArrowUp: 'previous' }

/** What a key asks for; nothing with a modifier, while somebody writes, or (but Escape) while the keys are turned off. */
export function commandOf(pressed: Pressed, isWriting: boolean, isInList: boolean, areOn: boolean): Command | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.isComposing || isWriting) return null
  if (isInList && ARROWS[pressed.key]) return ARROWS[pressed.key] ?? null
  const found = KEYS.find(([key]) => key === pressed.key || (key.length === 1 && key === pressed.key.toLowerCase()))?.[1] ?? null
  if (found === 'open' || found === 'close') return found === 'close' ? found : null
  return areOn ? found : null
}

/** Whether a key pressed here is writing, or chooses in a control. */
export function isWritingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** The key of an action, to be shown on its button. */
export function keyOf(command: string): string | null {
  return KEYS.find(([, known]) => known === command)?.[0] ?? null
}
