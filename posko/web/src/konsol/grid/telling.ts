/** A TPS of the grid in words. */

import { SEVERITIES } from '../../counters.ts'
import { offsetOf, zoneOf } from '../../places.ts'
import type { OperationDetail } from '../../records.ts'
import type { Words } from '../../words.ts'
import { nameOfMilestone } from '../naming.ts'
import { type Cells, MANY } from './cells.ts'
import { type Colouring, OTHERS } from './colours.ts'

export const GRADES = ['kurang_rawan', 'rawan', 'sangat_rawan', 'khusus'] as const

export function nameOfColouring(words: Words, operation: OperationDetail, key: string): string {
  return (OTHERS as readonly string[]).includes(key) ? words.say(`grid.by.${key}`) : nameOfMilestone(words, operation, key)
}

export function nameOfCell(cells: Cells, i: number): string {
  return `TPS ${String(cells.numbers[i]).padStart(3, '0')}`
}

/** The kelurahan and what it lies in, as far as that is within the region that is looked at. */
export function whereIs(cells: Cells, i: number): string {
  const parts = cells.groupCode(i).split('.')
  const above = parts.map((_, at) => parts.slice(0, at + 1).join('.')).filter((code) => code.length > cells.code.length || code === cells.groupCode(i))
  return above.reverse().map((code) => cells.names[code] ?? code).join(', ')
}

/** What the colour of a cell says. */
export function stateOf(words: Words, colouring: Colouring, cls: number): string {
  return words.say(colouring.classes[cls]?.label ?? '')
}

/** When its last report came, with the zone; that none has come. */
export function lastOf(words: Words, cells: Cells, i: number): string {
  const at = cells.lastAt(i)
  if (at === null) return words.say('grid.never')
  return `${words.clock(new Date(at).toISOString(), offsetOf(cells.code), 'day')} ${zoneOf(cells.code)}`
}

/** Open incidents, flags, a broken seal, how rawan it is: what there is of these. */
export function concernsOf(words: Words, cells: Cells, i: number): string[] {
  const said: string[] = []
  const [worst, open, flags, grade] = [cells.worst(i), cells.open(i), cells.flags(i), cells.grades[i] ?? 0]
  if (open > 0) said.push(words.say('grid.open', { n: atMost(words, open), severity: words.say(`severity.${severityOf(worst)}`) }))
  if (flags > 0) said.push(words.say('grid.flags', { n: atMost(words, flags) }))
  if (cells.isSealBroken(i)) said.push(words.say('station.seal.broken'))
  if (cells.isUnreachable(i)) said.push(words.say('counter.unreachable'))
  if (grade > 0) said.push(words.say(`grade.${GRADES[grade - 1] ?? ''}`))
  return said
}

function severityOf(worst: number): string {
  return SEVERITIES[4 - worst] ?? ''
}

function atMost(words: Words, n: number): string {
  return n >= MANY ? `${MANY}+` : words.number(n)
}

/** All of it in one breath, for those who listen. */
export function sentenceOfCell(words: Words, operation: OperationDetail, cells: Cells, colouring: Colouring, i: number, cls: number): string {
  const state = `${nameOfColouring(words, operation, colouring.key)}: ${stateOf(words, colouring, cls)}`
  const last = words.say('grid.last', { time: lastOf(words, cells, i) })
  return [`${nameOfCell(cells, i)}, ${whereIs(cells, i)}`, state, last, ...concernsOf(words, cells, i)].join('. ')
}
