import type { LogRow } from '../../accounts.ts'
import type { Words } from '../../words.ts'

type Told = Pick<LogRow, 'action' | 'outcome' | 'subject' | 'detail'>

/** What the server writes beside some actions: a few forms, which the page says in its reader's language. */
const FORMS: readonly [action: string, form: RegExp, key: string][] = [
  ['seat.add', /^seat (?<id>\d+): (?<role>\w+)$/, 'log.detail.seat.of'],
  ['seat.end', /^seat (?<id>\d+)$/, 'log.detail.seat'],
  ['sender.add', /^sender (?<id>\d+)$/, 'log.detail.sender'],
  ['sender.remove', /^sender (?<id>\d+)$/, 'log.detail.sender'],
  ['account.sign_out', /^(?<n>\d+) sessions$/, 'log.detail.sessions'],
  ['account.key', /^session (?<id>\d+): (?<n>\d+) days$/, 'log.detail.key'],
  ['device.offer', /^(?<n>\d+) codes, (?<minutes>\d+) minutes$/, 'log.detail.codes'],
  ['teams.set', /^(?<n>\d+) standing, (?<withdrawn>\d+) withdrawn$/, 'log.detail.list'],
  ['guards.set', /^(?<n>\d+) standing, (?<withdrawn>\d+) withdrawn$/, 'log.detail.list'],
  ['duty.set', /^no more$/, 'log.detail.duty.none'],
  ['duty.set', /^every (?<n>\d+) min from (?<time>\d\d:\d\d)/, 'log.detail.duty'],
  ['factor.passkey', /^added$/, 'log.detail.added'],
  ['factor.passkey', /^removed$/, 'log.detail.removed'],
  ['privacy.erase', /^(?<n>\d+) names in reports$/, 'log.detail.names'],
  ['break_glass.used', /^the sealed account was used/, 'log.detail.sealed'],
]
const LEVELS = ['nasional', 'provinsi', 'kabkota', 'kecamatan', 'kelurahan', 'dusun']

/** What a row of the log is about, and what it says of it; nothing where there is nothing to say. */
export function detailIn(words: Words, row: Told): string[] {
  return [subjectOf(words, row), row.detail === null ? null : saidOf(words, row, row.detail)].filter((part) => part !== null && part !== '') as string[]
}

function subjectOf(words: Words, { action, subject }: Told): string | null {
  const level = action === 'duty.set' ? LEVELS[Number(/^level (\d)$/.exec(subject ?? '')?.[1])] : undefined
  return level ? words.say(`level.${level}`) : subject
}

function saidOf(words: Words, row: Told, detail: string): string {
  if (row.outcome === 'refused') return words.has(`problem.${detail}`) ? words.say(`problem.${detail}`) : detail
  for (const [action, form, key] of FORMS) {
    const found = row.action === action ? form.exec(detail) : null
    if (found) return words.say(key, givenIn(words, found.groups ?? {}))
  }
  // By what somebody proved who they are.
  const factors = detail.split('+')
  return factors.every((factor) => words.has(`factor.${factor}`)) ? factors.map((factor) => words.say(`factor.${factor}`)).join(' + ') : detail
}

function givenIn(words: Words, { id, n, role, ...others }: Record<string, string>): Record<string, string | number> {
  return { ...others, ...(id && { id }), ...(n && { n: Number(n) }), ...(role && { role: words.has(`role.${role}`) ? words.say(`role.${role}`) : role }) }
}
