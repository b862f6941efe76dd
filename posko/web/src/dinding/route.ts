/** The address of a wall, `#/1/31.72?putar=20&arah=terburuk&hitung=1`: all that whoever sets it up has chosen. */

import { asked } from '../olderBrowsers.ts'

/** In which order a round visits the children: by code, or the worst first. */
export const ORDERS = ['kode', 'terburuk'] as const
export type Order = (typeof ORDERS)[number]

export interface WallRoute {
  operation: number
  code: string
  /** Seconds that each region of a round is shown; null stays on the one. */
  every_s: number | null
  order: Order
  /** Whether votes by paslon are shown. */
  hasVotes: boolean
}

export const EVERY_S = { least: 5, most: 3_600, usual: 20 } as const
const CODE = /^(ID|\d{2}(\.\d+)*)$/

/** What an address asks for; null where it names no region, and somebody has to choose. */
export function parseWall(hash: string): WallRoute | null {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [first = '', code = ''] = path.split('/')
  const operation = Number(first)
  if (!Number.isInteger(operation) || operation < 1 || !CODE.test(code)) return null
  const params = new URLSearchParams(query)
  const order = params.get('arah') === 'terburuk' ? 'terburuk' : 'kode'
  return { operation, code, every_s: everyOf(params.get('putar')), order, hasVotes: params.get('hitung') === '1' }
}

export function toWall(route: WallRoute): string {
  const params = new URLSearchParams()
  if (route.every_s !== null) params.set('putar', String(route.every_s))
  if (route.every_s !== null && route.order !== 'kode') params.set('arah', route.order)
  if (route.hasVotes) params.set('hitung', '1')
  return `#/${route.operation}/${route.code}${asked(params)}`
}

/** Whole seconds within what is sensible; null where none are asked for. */
export function everyOf(text: string | null): number | null {
  const seconds = Number(text)
  if (!text || !Number.isFinite(seconds) || seconds <= 0) return null
  return Math.min(EVERY_S.most, Math.max(EVERY_S.least, Math.round(seconds)))
}
