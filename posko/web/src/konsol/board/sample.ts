import type { Incident } from './incident.ts'

/** An incident as the server tells of one, for tests: new, of a TPS, of middling severity. */
export function incident(number: number, more: Partial<Incident> = {}): Incident {
  return {
    id: `id-${number}`, operation: 1, number, place: '31.72.01.1001.007', place_name: 'TPS 007', region_name: 'Ancol', category: 'logistik', severity: 'sedang',
    alleged: null, occurrence: 'terjadi', people: null, summary: 'surat suara kurang', status: 'baru', verification: 'belum', proof: null, stage: 'pemungutan',
    tier: 'kelurahan', owner: null, reports: 1, children: 0, opened_at: '2024-11-27T00:00:00Z', acknowledge_by: '2024-11-27T00:10:00Z',
    resolve_by: '2024-11-27T02:00:00Z', acknowledged_at: null, resolved_at: null, closed_at: null, overdue_at: null, parent: null, merged_into: null,
    latitude: null, longitude: null, revote_kind: null, revote_decider: null, revote_by: null, revote_on: null, escalation: 'climbing',
    next_at: '2024-11-27T00:05:00Z', next_tier: 'kecamatan', held_until: null, version: number, changed_at: '2024-11-27T00:00:00Z', restricts: null, ...more,
  }
}
