/** Lists of numbers with a version: guards that a grade asks for, how much a reason counts. */

export interface Column {
  name: string
  min: number
  max: number
  /** What a code has that the answer does not speak of. */
  absent: number
}

export interface NumberRow {
  code: string
  values: Record<string, number>
}

export interface Answer {
  version: number
  [list: string]: number | Record<string, string | number>[]
}

/** A row for every code, in their order, with nothing missing. */
export function normal(answer: Answer, list: string, id: string, codes: readonly string[], columns: readonly Column[]): NumberRow[] {
  const found = answer[list]
  const given = Array.isArray(found) ? found : []
  return codes.map((code) => {
    const row = given.find((one) => one[id] === code)
    return { code, values: Object.fromEntries(columns.map(({ name, absent }) => [name, Number(row?.[name] ?? absent)])) }
  })
}

export interface Difference {
  code: string
  name: string
  before: number
  after: number
}

export function differencesOf(before: readonly NumberRow[], after: readonly NumberRow[], columns: readonly Column[]): Difference[] {
  return before.flatMap(({ code, values }, index) =>
    columns.flatMap(({ name }) => {
      const [was, is] = [values[name] ?? 0, after[index]?.values[name] ?? 0]
      return was === is ? [] : [{ code, name, before: was, after: is }]
    }),
  )
}

/** `$.weights[3].most` is row 3, `most`. */
export function faultIn(path: string | undefined): { row: number; field: string } | null {
  const found = /\[(\d+)\]\.(\w+)$/.exec(path ?? '')
  return found ? { row: Number(found[1]), field: found[2] ?? '' } : null
}
