import type { Content, Promised } from '../../records.ts'
import type { Draft, ReportBody } from './item.ts'

const PHOTOGRAPHED = new Set(['milestone', 'count', 'custody', 'incident'])

/** The report that a draft becomes; from here on nothing of it changes. */
export function reportOf(draft: Draft, id: string, observed_at: string, photos: readonly Promised[]): ReportBody {
  const { operation, place, channel, on_behalf_of, restricted } = draft
  return {
    id,
    operation,
    place,
    observed_at: draft.observed_at ?? observed_at,
    content: photos.length > 0 ? promising(draft.content, [...photos]) : draft.content,
    ...(channel === undefined ? {} : { channel }),
    ...(on_behalf_of === undefined ? {} : { on_behalf_of }),
    ...(restricted === undefined ? {} : { restricted }),
  }
}

/** The content with its photos promised; of a correction what replaces promises them. */
function promising(content: Content, photos: Promised[]): Content {
  if (content.kind === 'correction' && content.replacement) return { ...content, replacement: promising(content.replacement, photos) }
  if (!PHOTOGRAPHED.has(content.kind)) throw new TypeError(`a ${content.kind} has no photos`)
  return { ...content, photos } as Content
}
