/** What is wrong with which line of a list: the refusal of an import, as a table. */

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

/** How many mistakes there are, and in how many lines: as the refusal counts them, of which it names the first thousand; else those named. */
export function countsOf(detail: string | undefined, errors: readonly RowError[]): { total: number; lines: number } {
  const found = /^(\d+) kesalahan di (\d+) baris/.exec(detail ?? '')
  return found ? { total: Number(found[1]), lines: Number(found[2]) } : { total: errors.length, lines: new Set(errors.map(({ line }) => line)).size }
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
