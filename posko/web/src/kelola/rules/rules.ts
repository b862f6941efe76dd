/** The rules of an operation as the routes give them, and what is to be read and changed in them. */

export const TIERS = ['nasional', 'provinsi', 'kabkota', 'kecamatan', 'kelurahan', 'dusun'] as const
export type Tier = (typeof TIERS)[number]
export const SEVERITIES = ['rendah', 'sedang', 'tinggi', 'kritis'] as const
export const ALARMS = ['belum_lapor', 'kota_diam', 'hadir', 'nihil', 'webhook'] as const
export const ABOUTS = ['incident', 'alarm', 'directive'] as const

export interface Step {
  tier: Tier
  /** Seconds after the rung before. */
  after_s: number
  channels: string[]
  share: number | null
}

export interface Rule {
  name: string
  about: (typeof ABOUTS)[number]
  kinds: string[] | null
  severities: string[] | null
  stages: string[] | null
  steps: Step[]
  repeats: number
  repeat_after_min: number
  quiet_after_min: number | null
  acknowledge_within_min: number
  resolve_within_min: number
}

export interface Rules {
  /** 0: these hold for all operations that have none of their own. */
  operation: number
  version: number
  rules: Rule[]
}

export interface Category {
  code: string
  label_id: string
  label_en: string
}

export interface Stage extends Category {
  day: number
  begins: string
}

export interface Taxonomy {
  version: number
  categories: Category[]
  stages: Stage[]
}

export interface Rung {
  tier: Tier
  /** Minutes since it began; a step comes so long after the one before. */
  at_min: number
  share: number | null
}

/** A rule's ladder, each rung with the minute at which it is come to if nobody accepts. */
export function ladderOf(rule: Pick<Rule, 'steps'>): Rung[] {
  let at_s = 0
  return rule.steps.map(({ tier, after_s, share }) => {
    at_s += after_s
    return { tier, at_min: at_s / 60, share }
  })
}

/** A value of a change, as words are made of it: a key of the catalogue, a number of minutes, or text. */
export interface Change {
  /** Of which rule. */
  name: string
  field: 'added' | 'removed' | 'moved' | 'name' | 'kinds' | 'severities' | 'stages' | 'steps' | 'repeats' | 'repeat_after_min' | 'quiet_after_min' | 'acknowledge_within_min' | 'resolve_within_min'
  before: Rule | null
  after: Rule | null
}

export const FIELDS = ['name', 'kinds', 'severities', 'stages', 'steps', 'repeats', 'repeat_after_min', 'quiet_after_min', 'acknowledge_within_min', 'resolve_within_min'] as const

/** A rule being changed, with where it stood before; null: it is new. */
export interface Draft {
  was: number | null
  rule: Rule
}

export function draftsOf(rules: readonly Rule[]): Draft[] {
  return rules.map((rule, was) => ({ was, rule: structuredClone(rule) }))
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What drafts change of the rules that they were made from, rule by rule and field by field. */
export function changesOf(before: readonly Rule[], drafts: readonly Draft[]): Change[] {
  const kept = new Set(drafts.map(({ was }) => was))
  const removed = before.filter((_, was) => !kept.has(was)).map((rule): Change => ({ name: rule.name, field: 'removed', before: rule, after: null }))
  const order = drafts.flatMap(({ was }) => (was === null ? [] : [was]))
  const rest = drafts.flatMap(({ was, rule }): Change[] => {
    const old = was === null ? undefined : before[was]
    if (old === undefined || was === null) return [{ name: rule.name, field: 'added', before: null, after: rule }]
    const isMoved = order.some((other, index) => (other < was) !== (index < order.indexOf(was)) && other !== was)
    return [
      ...(isMoved ? [{ name: rule.name, field: 'moved', before: old, after: rule } as const] : []),
      ...FIELDS.filter((field) => !isSame(old[field], rule[field])).map((field): Change => ({ name: old.name, field, before: old, after: rule })),
    ]
  })
  return [...removed, ...rest]
}

/** Where a refusal of a list points: `$[2].steps[1].after_s` is row 2, `steps[1].after_s`. */
export function faultAt(path: string | undefined): { row: number; field: string } | null {
  const found = /^\$?\[(\d+)\]\.?(.*)$/.exec(path ?? '')
  return found ? { row: Number(found[1]), field: found[2] ?? '' } : null
}

/** With a place of a list one further up or down. */
export function shifted<T>(list: readonly T[], index: number, by: -1 | 1): T[] {
  const to = index + by
  const [one, other] = [list[index], list[to]]
  if (one === undefined || other === undefined) return [...list]
  const moved = [...list]
  moved[index] = other
  moved[to] = one
  return moved
}
