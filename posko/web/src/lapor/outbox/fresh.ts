import { bodyOf } from './body.ts'
import type { Who } from './database.ts'
import type { Draft } from './item.ts'
import { reportOf } from './report.ts'
import type { Fresh } from './shelf.ts'

/** What is put on the shelf of a draft: from here on nothing of it changes but how it stands. */
export function freshOf(draft: Draft, id: string, observed_at: string, who: Who, made_ms: number): Fresh {
  const promised = (draft.photos ?? []).map(({ sha256, data }) => ({ sha256, bytes: data.byteLength }))
  const voice = draft.voice ? { sha256: draft.voice.sha256, bytes: draft.voice.data.byteLength, seconds: draft.voice.seconds } : null
  const body = bodyOf(reportOf(draft, id, observed_at, promised, voice))
  return {
    id,
    account: who.account,
    account_name: who.name,
    body,
    size: new TextEncoder().encode(body).length,
    corrects: draft.content.kind === 'correction' ? draft.content.of : null,
    standing: 'antre',
    made_at: new Date(made_ms).toISOString(),
    tries: 0,
    next_at: null,
    receipt: null,
    refusal: null,
    photos: [...promised, ...(voice ? [voice] : [])].map((photo) => ({ ...photo, standing: 'antre', why: null, tries: 0, next_at: 0 })),
  }
}
