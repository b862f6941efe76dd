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

/** How many mistakes a refusal counts in all, of which it names the first thousand; null where it does not say. */
export function totalOf(detail: string | undefined): number | null {
  const found = /^(\d+) kesalahan/.exec(detail ?? '')
  return found ? Number(found[1]) : null
}

/** The mistakes as a CSV that a spreadsheet opens and runs nothing of. */
export function csvOf(errors: readonly RowError[], adviceOf: (error: RowError) => string | null = () => null): string {
  const rows = errors.map((error) => [error.line, error.column, error.rule, error.message, adviceOf(error) ?? ''])
  return [['line', 'column', 'rule', 'message', 'advice'], ...rows].map((row) => row.map(cell).join(',') + '\n').join('')
}

function cell(value: string | number): string {
  const text = String(value)
  const guarded = typeof value === 'string' && /^\s*[=+\-@]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
