import type { Operation } from './records.ts'

/** The operations to choose from: those under way first, then the closed ones, each the newest first; no drafts. */
export function choiceOf<T extends Pick<Operation, 'id' | 'state'>>(operations: readonly T[]): T[] {
  const isClosed = ({ state }: T): number => Number(state === 'closed')
  return operations
    .filter(({ state }) => state !== 'draft')
    .sort((a, b) => isClosed(a) - isClosed(b) || b.id - a.id)
}
