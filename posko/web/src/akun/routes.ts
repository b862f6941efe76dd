/** Addresses inside the account page: `#/orang/siti`, `#/piket/1/31.72`. */

export type Section = 'aku' | 'orang' | 'persetujuan' | 'catatan' | 'piket'

export type Route =
  | { page: 'me'; section: 'aku' }
  | { page: 'people' | 'add' | 'import' | 'sheets'; section: 'orang' }
  | { page: 'person'; section: 'orang'; username: string }
  | { page: 'approvals'; section: 'persetujuan' }
  | { page: 'log'; section: 'catatan' }
  | { page: 'desk'; section: 'piket'; operation: number | null; code: string | null }

export function parse(hash: string): Route {
  const [first, second, third] = hash.replace(/^#\/?/, '').split('/').map(decoded)
  if (first === 'orang') return second ? { page: 'person', section: 'orang', username: second } : { page: 'people', section: 'orang' }
  if (first === 'tambah') return { page: 'add', section: 'orang' }
  if (first === 'impor') return { page: 'import', section: 'orang' }
  if (first === 'kartu') return { page: 'sheets', section: 'orang' }
  if (first === 'persetujuan') return { page: 'approvals', section: 'persetujuan' }
  if (first === 'catatan') return { page: 'log', section: 'catatan' }
  if (first !== 'piket') return { page: 'me', section: 'aku' }
  const operation = Number(second)
  return { page: 'desk', section: 'piket', operation: Number.isInteger(operation) && operation > 0 ? operation : null, code: third || null }
}

export function toPerson(username: string): string {
  return `#/orang/${encodeURIComponent(username)}`
}

export function toDesk(operation: number, code: string): string {
  return `#/piket/${operation}/${code}`
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
