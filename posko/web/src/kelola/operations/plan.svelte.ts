import type { Milestone } from '../../records.ts'

/** A milestone as a form holds it. */
export interface Row {
  code: string
  position: number | null
  day: number | null
  planned: string
  grace_minutes: number | null
  label_id: string
  label_en: string
}

const FIELDS = ['position', 'day', 'planned', 'grace_minutes', 'label_id', 'label_en'] as const
export type Field = (typeof FIELDS)[number]

/** The plan of a day while it is edited: what the server has, and what was changed here. */
export class Plan {
  milestones: Milestone[] = $state.raw([])
  rows: Row[] = $state([])
  readonly changed = $derived(this.rows.filter((row) => this.changeOf(row) !== null).map(({ code }) => code))
  readonly broken = $derived(this.rows.filter((row) => faultOf(row) !== null).map(({ code }) => code))

  constructor(milestones: readonly Milestone[]) {
    this.take(milestones)
  }

  /** What the server has now; what was changed here and is not kept yet stays. */
  take(milestones: readonly Milestone[], kept?: string): void {
    const edited = new Map(this.rows.filter(({ code }) => code !== kept && this.changed.includes(code)).map((row) => [row.code, $state.snapshot(row)]))
    this.milestones = [...milestones]
    this.rows = milestones.map((milestone) => edited.get(milestone.code) ?? rowOf(milestone))
  }

  undo(): void {
    this.rows = this.milestones.map(rowOf)
  }

  /** What is to be sent of a row: the fields that differ; null when none does. */
  changeOf(row: Row): Partial<Record<Field, string | number>> | null {
    const milestone = this.milestones.find(({ code }) => code === row.code)
    if (!milestone) return null
    const [before, now] = [rowOf(milestone), { ...row, planned: clockOf(row.planned) }]
    const change = Object.fromEntries(FIELDS.filter((field) => now[field] !== before[field]).map((field) => [field, now[field]]))
    return Object.keys(change).length > 0 ? (change as Partial<Record<Field, string | number>>) : null
  }
}

export function rowOf({ code, position, day, planned, grace_minutes, label_id, label_en }: Milestone): Row {
  return { code, position, day, planned: planned.slice(0, 5), grace_minutes, label_id, label_en }
}

/** `7.30`, `0730` and `07:30` as `07:30`: hours of a day of 24, however one writes them; anything else as it is. */
export function clockOf(typed: string): string {
  const found = /^\s*(\d{1,2})\s*[.:]?\s*(\d{2})\s*$/.exec(typed)
  return found ? `${found[1]?.padStart(2, '0')}:${found[2]}` : typed
}

/** The field of a row that the server would refuse; null when none. */
export function faultOf(row: Row): Field | null {
  const isWhole = (value: number | null, low: number, high: number): boolean => value !== null && Number.isInteger(value) && value >= low && value <= high
  if (!isWhole(row.position, 0, 32_767)) return 'position'
  if (!isWhole(row.day, -7, 30)) return 'day'
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(clockOf(row.planned))) return 'planned'
  if (!isWhole(row.grace_minutes, 0, 10_080)) return 'grace_minutes'
  if (!row.label_id.trim()) return 'label_id'
  return row.label_en.trim() ? null : 'label_en'
}
