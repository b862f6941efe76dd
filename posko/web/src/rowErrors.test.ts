import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countsOf, csvOf, rowErrorsOf } from './rowErrors.ts'

const said = (path: string) => ({ path, rule: 'r', message: 'm' })

test('every error has its line and column, in the order of the file', () => {
  const errors = rowErrorsOf([said('$.rows[12].role'), said('$.rows[3].regions'), said('$.rows[12].username'), said('$.rows[4].')])

  assert.deepEqual(errors.map(({ line, column }) => [line, column]), [[3, 'regions'], [4, ''], [12, 'role'], [12, 'username']])
  assert.deepEqual(countsOf(undefined, errors), { total: 4, lines: 3 })
  assert.deepEqual(countsOf('15000 kesalahan di 5000 baris; tidak ada yang dimuat', errors), { total: 15_000, lines: 5_000 })
})

test('what names no line is about the header', () => {
  assert.deepEqual(rowErrorsOf([said('$.peran'), said('$')]).map(({ line, column }) => [line, column]), [[1, 'peran'], [1, '']])
})

test('the mistakes as a file say what to do, and a spreadsheet runs none of it', () => {
  const errors = [{ line: 2, column: '=cmd()', rule: 'kolom-tidak-dikenal', message: 'kolom "x", bukan' }]

  assert.equal(csvOf(errors, () => '- hapus'), 'line,column,rule,message,advice\n2,\'=cmd(),kolom-tidak-dikenal,"kolom ""x"", bukan",\'- hapus\n')
})
