import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../../http.ts'
import { incidentOf } from './incident.ts'

const INCIDENT = { status: 'baru', acknowledged_at: null, resolved_at: null, closed_at: null, merged_into: null }

function serverOf(known: Record<string, object>): Pick<Api, 'get'> {
  return { get: async <T>(path: string) => ({ incident: known[path] }) as T }
}

test('an officer learns how their incident stands, and of a merged one how the whole does', async () => {
  const at = '2024-11-27T01:00:00Z'
  const api = serverOf({
    '/v1/incidents/a': INCIDENT,
    '/v1/incidents/b': { ...INCIDENT, status: 'diterima', acknowledged_at: at },
    '/v1/incidents/c': { ...INCIDENT, status: 'digabung', merged_into: 'b' },
    '/v1/incidents/d': { ...INCIDENT, status: 'ditangani', acknowledged_at: at },
  })

  assert.deepEqual(await incidentOf(api, 'a'), { status: 'baru', at: null })
  assert.deepEqual(await incidentOf(api, 'c'), { status: 'diterima', at })
  assert.deepEqual(await incidentOf(api, 'd'), { status: 'ditangani', at: null })
})
