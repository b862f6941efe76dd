import type { Api } from '../../http.ts'

interface Incident {
  status: string
  acknowledged_at: string | null
  resolved_at: string | null
  closed_at: string | null
  merged_into: string | null
}

/** How an incident stands, and since when where that is known. */
export interface Handled {
  status: string
  at: string | null
}

/** How the incident of a report stands; of one that was merged, the one that it is in now. */
export async function incidentOf(api: Pick<Api, 'get'>, id: string): Promise<Handled> {
  const { incident: found } = await api.get<{ incident: Incident }>(`/v1/incidents/${id}`)
  if (found.merged_into !== null) return incidentOf(api, found.merged_into)
  const at = found.status === 'ditutup' ? found.closed_at : found.status === 'selesai' ? found.resolved_at : found.status === 'diterima' ? found.acknowledged_at : null
  return { status: found.status, at }
}
