/** Excel takes a CSV for UTF-8 by this mark alone. What programs fetch has none: it would be part of their first column's name. */
const MARK = '\ufeff'

/** Hands a file to the browser's downloads. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file.type.startsWith('text/csv') ? new Blob([MARK, file], { type: file.type }) : file)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
