import { offsetOf } from '../../places.ts'
import type { Content, Page, Report } from '../../records.ts'
import type { Lapor } from '../lapor.svelte.ts'
import { rfc3339 } from '../outbox/clock.ts'
import type { Item } from '../outbox/item.ts'
import { saidOf } from '../telling.ts'

const MOST = 30

type Stored = Report & { operation: number; restricts?: number | null }

/** What was filed of the TPS that is worked on and is not on this phone, the last received first. */
export async function othersHere(lapor: Lapor): Promise<Item[]> {
  const { rows } = await lapor.field.api.get<Page<Stored>>(`/v1/tps/${lapor.code}/timeline`, { operation: lapor.operation?.id, limit: MOST })
  const known = new Set(lapor.items.map(({ id }) => id))
  return rows.filter(({ id }) => !known.has(id)).map((report) => itemOf(report, lapor))
}

export async function otherBy(id: string, lapor: Lapor): Promise<Item> {
  return itemOf(await lapor.field.api.get<Stored>(`/v1/reports/${id}`), lapor)
}

function itemOf({ id, operation, restricts, place, observed_at, content, on_behalf_of, version, received_at, flags, reporter, corrected_by }: Stored, lapor: Lapor): Item {
  return {
    id,
    order: 0,
    report: {
      id,
      operation: restricts ?? operation,
      place,
      observed_at: rfc3339(Date.parse(observed_at), offsetOf(place)),
      content,
      ...(on_behalf_of === null ? {} : { on_behalf_of }),
      ...(restricts ? { restricted: true } : {}),
    },
    standing: 'diterima',
    made_at: received_at,
    tries: 0,
    next_at: null,
    receipt: { id, version, received_at, flags },
    refusal: null,
    ...promisedBy(content),
    elsewhere: { reporter, isOwn: reporter === lapor.field.session?.account.username, isReplaced: corrected_by !== null },
  }
}

/** The photos and the voice note of a report that another phone has sent, or has not: this one has none of them. */
function promisedBy(content: Content): Pick<Item, 'photos' | 'voice'> {
  const said = saidOf(content)
  const photos = said && 'photos' in said ? (said.photos ?? []) : []
  const voice = said && 'voice' in said ? (said.voice ?? null) : null
  const standing = { standing: 'dijanjikan', why: null } as const
  return { photos: photos.map((photo) => ({ ...photo, ...standing })), voice: voice && { ...voice, ...standing } }
}
