import type { Operation } from './records.ts'

/** The operations to choose from: those under way first, then the closed ones, each the newest first; no drafts. */
export function choiceOf<T extends Pick<Operation, 'id' | 'state'>>(operations: readonly T[]): T[] {
  const isClosed = ({ state }: T): number => Number(state === 'closed')
  return operations
    .filter(({ state }) => state !== 'draft')
    .sort((a, b) => isClosed(a) - isClosed(b) || b.id - a.id)
}

/** The operation that an officer works on, of `choiceOf`: the one they chose while it is under way, else the newest that is; else what they had. */
export function workedOn<T extends Pick<Operation, 'id' | 'state'>>(choice: readonly T[], wanted: number | undefined): T | undefined {
  const isActive = ({ state }: T): boolean => state === 'active'
  const kept = choice.find(({ id }) => id === wanted)
  return kept && isActive(kept) ? kept : (choice.find(isActive) ?? kept ?? choice[0])
}
