import type { Content, Promised, PromisedVoice } from '../../records.ts'
import type { Draft, ReportBody } from './item.ts'

const PHOTOGRAPHED = new Set(['milestone', 'count', 'custody', 'incident'])

/** The report that a draft becomes; from here on nothing of it changes. */
export function reportOf(draft: Draft, id: string, observed_at: string, photos: readonly Promised[], voice: PromisedVoice | null = null): ReportBody {
  const { operation, place, channel, on_behalf_of, restricted, clock_skew_s } = draft
  return {
    id,
    operation,
    place,
    observed_at: draft.observed_at ?? observed_at,
    content: photos.length > 0 || voice ? promising(draft.content, { ...(photos.length > 0 ? { photos } : {}), ...(voice ? { voice } : {}) }) : draft.content,
    ...(channel === undefined ? {} : { channel }),
    ...(on_behalf_of === undefined ? {} : { on_behalf_of }),
    ...(restricted === undefined ? {} : { restricted }),
    ...(clock_skew_s == null ? {} : { clock_skew_s }),
  }
}

/** The content with what comes after it promised; of a correction what replaces promises it. */
function promising(content: Content, promised: { photos?: readonly Promised[]; voice?: PromisedVoice }): Content {
  if (content.kind === 'correction' && content.replacement) return { ...content, replacement: promising(content.replacement, promised) }
  if (!PHOTOGRAPHED.has(content.kind)) throw new TypeError(`a ${content.kind} has no photos and no voice`)
  return { ...content, ...promised } as Content
}
