/** What a seat may do about alarms and directives: what it may not is not offered. The server has the last word. */

import type { Role } from '../accounts.ts'
import { contains, type Level, levelOf } from '../places.ts'

const LEVELS: readonly Level[] = ['nasional', 'provinsi', 'kabkota', 'kecamatan', 'kelurahan', 'dusun', 'tps']

const ACTS: readonly Role[] = ['operator', 'supervisor', 'admin', 'system']
const SUPERVISES: readonly Role[] = ['supervisor', 'admin']
const ISSUES: readonly Role[] = ['operator', 'supervisor', 'admin']

export interface Sitting {
  role: Role
  regions: readonly string[]
}

/** 0 the nation ... 6 a TPS. */
export function depthOf(level: Level): number {
  return LEVELS.indexOf(level)
}

export function levelAt(depth: number): Level {
  return LEVELS[depth] ?? 'tps'
}

/** The depth of the highest region of a seat that a place lies in; null where it lies in none. */
export function depthOver(seat: Sitting, code: string): number | null {
  const depths = seat.regions.filter((region) => contains(region, code)).map((region) => depthOf(levelOf(region)))
  return depths.length > 0 ? Math.min(...depths) : null
}

const isOf = (roles: readonly Role[], seat: Sitting | null | undefined): seat is Sitting => seat != null && roles.includes(seat.role)

/** Whether a seat takes on an alarm: of the tier that it has climbed to, or above. */
export function mayAccept(seat: Sitting | null | undefined, place: string, tier: string): boolean {
  if (!isOf(ACTS, seat)) return false
  const depth = depthOver(seat, place)
  return depth !== null && depth <= Math.max(0, LEVELS.indexOf(tier as Level))
}

/** Whether a seat says what explains the silence of a place, or excuses its TPS. */
export function mayExplain(seat: Sitting | null | undefined, place: string): boolean {
  return isOf(SUPERVISES, seat) && depthOver(seat, place) !== null
}

/** Whether a seat settles the flags of a place. */
export function mayClear(seat: Sitting | null | undefined, place: string): boolean {
  return isOf(SUPERVISES, seat) && depthOver(seat, place) !== null
}

/** Whether a seat sends directives from the desk of a region, and takes them back. */
export function mayIssue(seat: Sitting | null | undefined, desk: string): boolean {
  return isOf(ISSUES, seat) && levelOf(desk) !== 'tps' && depthOver(seat, desk) !== null
}

/** Whether a seat answers directives for a desk. */
export function mayAnswer(seat: Sitting | null | undefined, desk: string): boolean {
  return isOf(ACTS, seat) && depthOver(seat, desk) !== null
}

/** Whether a seat is told whom to call about the TPS of a region. */
export function mayCall(seat: Sitting | null | undefined, code: string): boolean {
  return isOf(ISSUES, seat) && depthOver(seat, code) !== null
}
