/** What is wrong with which line of a CSV: the refusal of an import, as a table. */

export interface RowError {
  line: number
  column: string
  rule: string
  message: string
}

const ROW = /^\$\.rows\[(\d+)\](?:\.(.*))?$/

/** The errors that name a line, in the order of the file; what names none belongs to line 1, the header. */
export function rowErrorsOf(errors: readonly { path: string; rule: string; message: string }[]): RowError[] {
  return errors
    .map(({ path, rule, message }) => {
      const found = ROW.exec(path)
      return { line: Number(found?.[1] ?? 1), column: found ? (found[2] ?? '') : path.replace(/^\$\.?/, ''), rule, message }
    })
    .sort((a, b) => a.line - b.line)
}

/** How many lines are wrong; one line may break several rules. */
export function linesOf(errors: readonly RowError[]): number {
  return new Set(errors.map(({ line }) => line)).size
}
