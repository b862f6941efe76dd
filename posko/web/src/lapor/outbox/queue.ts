import type { Problem } from '../../wire.ts'
import type { Kept } from './kept.ts'

/** Reports in one POST: as many as a bad line carries within the server's ten seconds for a body. */
export const BATCH_LIMIT = 32
/** Bytes of one POST; the server takes twice as many. */
export const BATCH_BYTES = 128 * 1024

const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 120_000

/** How the sending stands, for all tabs: kept with the items. */
export interface Line {
  /** Tries in a row that failed. */
  failures: number
  /** How often the batch was halved because one so large did not get through. */
  narrowed: number
  /** Nothing is sent before. */
  next_at: number
  /** The server asked for quiet until then: not even a person's wish goes before that. */
  asked_until: number
  /** The no that the whole of it got last. */
  held: Problem | null
}

export const FRESH: Line = { failures: 0, narrowed: 0, next_at: 0, asked_until: 0, held: null }

/**
 * What is sent now: the oldest first, past what has to wait by itself, but no correction past what it corrects. `passed`: how
 * many batches in a row got through: who waited only because the server was broken for all is not sent one by one.
 */
export function nextBatch(waiting: readonly Kept[], now: number, narrowed: number, passed = 0): Kept[] {
  let limit = Math.max(1, BATCH_LIMIT >> Math.min(narrowed, 5))
  const batch: Kept[] = []
  const left = new Set<string>()
  let bytes = 2
  for (const item of [...waiting].sort((a, b) => a.order - b.order)) {
    if ((item.next_at ?? 0) > now || (item.corrects !== null && left.has(item.corrects))) {
      left.add(item.id)
      continue
    }
    bytes += item.size + 1
    if (item.most !== undefined) limit = Math.min(limit, Math.max(1, item.most << Math.min(passed, 5)))
    if (batch.length >= limit || (batch.length > 0 && bytes > BATCH_BYTES)) break
    batch.push(item)
  }
  return batch
}

/** Milliseconds until try number `failures` + 1: doubling, with jitter, so that phones do not come back all at once. */
export function waitAfter(failures: number, random: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, failures - 1)) * (0.5 + random / 2)
}

/** The line after a try that failed. */
export function failed(line: Line, now: number, random: number, how: { isNarrower: boolean; asked_s: number; held: Problem | null }): Line {
  const failures = line.failures + 1
  const asked_until = how.asked_s > 0 ? now + how.asked_s * 1000 : line.asked_until
  return {
    failures,
    narrowed: line.narrowed + Number(how.isNarrower),
    asked_until,
    held: how.held,
    next_at: (how.asked_s > 0 ? asked_until : now) + waitAfter(failures, random),
  }
}

/** When it may be tried at the earliest; `isUrged`: the network came back, or somebody wants it now. */
export function mayTryAt(line: Line, isUrged: boolean): number {
  return isUrged ? line.asked_until : line.next_at
}

/** When a photo may be tried at the earliest: it waits by itself, with the line, and for what the server asked of photos. */
export function photosAt(line: Line, photosUntil: number | null, next_at: number): number {
  return Math.max(line.asked_until, photosUntil ?? 0, next_at)
}
