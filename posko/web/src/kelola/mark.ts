/** How grave a state is; each has a sign of its own, so that colour says nothing alone. */
export type Grade = 'good' | 'wait' | 'bad' | 'unknown'
export const SIGNS: Record<Grade, string> = { good: '✓', wait: '!', bad: '✕', unknown: '?' }
