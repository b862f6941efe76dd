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
  ['directive.issue', /^directive (?<id>\d+)/, 'log.detail.directive'],
  ['directive.withdraw', /^directive (?<id>\d+)/, 'log.detail.directive'],
  ['duty.set', /^no more$/, 'log.detail.duty.none'],
  ['duty.set', /^every (?<n>\d+) min from (?<time>\d\d:\d\d)/, 'log.detail.duty'],
  ['factor.passkey', /^added$/, 'log.detail.added'],
  ['factor.passkey', /^removed$/, 'log.detail.removed'],
  ['privacy.erase', /^(?<n>\d+) names in reports$/, 'log.detail.names'],
  ['break_glass.used', /^the sealed account was used/, 'log.detail.sealed'],
]
/** What some actions are about, where it is no name. */
const SUBJECTS: readonly [form: RegExp, key: string][] = [
  [/^seat (?<id>\d+)$/, 'log.detail.seat'],
  [/^session (?<id>\d+)$/, 'log.detail.session'],
  [/^device (?<id>\d+)$/, 'log.detail.device'],
  [/^shift (?<id>\d+)$/, 'log.detail.shift'],
  [/^shift (?<id>\d+) to (?<name>.+)$/, 'log.detail.shift.to'],
  [/^contact (?<id>\d+)$/, 'log.detail.contact'],
  [/^approval (?<id>\d+)/, 'log.detail.approval'],
  [/^gateway (?<id>\d+): (?<name>.+)$/, 'log.detail.gateway'],
  [/^directive (?<id>\d+)/, 'log.detail.directive'],
  [/^targets of directive (?<id>\d+)$/, 'log.detail.targets'],
  [/^version (?<id>\d+), (?<n>\d+) rules$/, 'log.detail.rules'],
  [/^version (?<id>\d+), (?<n>\d+) categories$/, 'log.detail.categories'],
  [/^(?<flag>[a-z_]+) of (?<name>[\w-]{36})$/, 'log.detail.flag'],
  [/^(?:\d{1,2}|[0-9a-f]{16}) of (?<name>[\w-]{36})$/, 'log.detail.photo'],
  [/^(?:log of |duplicates of )?incident (?<name>[\w-]+)$/, 'log.detail.incident'],
  [/^report (?<name>[\w-]+)$/, 'log.detail.report'],
  [/^photos? (?:\w+ )?of (?:report )?(?<name>[\w-]+)$/, 'log.detail.photo'],
  [/^voice (?:\w+ )?of (?<name>[\w-]+)$/, 'log.detail.voice'],
  [/^(?:GET|HEAD) (?:\/v1)?(?<name>\/.*)$/, 'log.detail.reading'],
  [/^[A-Z]+ (?:\/v1)?(?<name>\/.*)$/, 'log.detail.writing'],
]
/** Where the words of what a file was narrowed to are found. */
const PARTS = ['log.export', 'flag', 'severity', 'status', 'alarm', 'category', 'milestone', 'counter']
const LEVELS = ['nasional', 'provinsi', 'kabkota', 'kecamatan', 'kelurahan', 'dusun']

/** What a row of the log is about, and what it says of it; nothing where there is nothing to say. */
export function detailIn(words: Words, row: Told): string[] {
  return [subjectOf(words, row), row.detail === null ? null : saidOf(words, row, row.detail)].filter((part) => part !== null && part !== '') as string[]
}

function subjectOf(words: Words, { action, subject }: Told): string | null {
  if (subject === null) return null
  if (words.has(`log.list.${subject}`)) return words.say(`log.list.${subject}`)
  for (const [form, key] of SUBJECTS) {
    const found = form.exec(subject)
    if (found) return words.say(key, givenIn(words, found.groups ?? {}))
  }
  const level = action === 'duty.set' ? LEVELS[Number(/^level (\d)$/.exec(subject)?.[1])] : undefined
  return level ? words.say(`level.${level}`) : subject
}

function saidOf(words: Words, row: Told, detail: string): string {
  if (row.outcome === 'refused') return words.has(`problem.${detail}`) ? words.say(`problem.${detail}`) : detail
  for (const [action, form, key] of FORMS) {
    const found = row.action === action ? form.exec(detail) : null
    if (found) return words.say(key, givenIn(words, found.groups ?? {}))
  }
  if (row.action === 'table.export') return narrowedIn(words, detail)
  // By what somebody proved who they are.
  const factors = detail.split('+')
  return factors.every((factor) => words.has(`factor.${factor}`)) ? factors.map((factor) => words.say(`factor.${factor}`)).join(' + ') : detail
}

/** What a file was narrowed to (posko/exports/wanted.py): words, counters and levels; what has no words, an operation's own codes, as it is. */
function narrowedIn(words: Words, detail: string): string {
  const wordOf = (token: string): string => {
    const part = PARTS.find((one) => words.has(`${one}.${token}`))
    return part ? words.say(`${part}.${token}`) : token
  }
  const told = detail.replace(/\blevel (\d)\b/, (_, level: string) => `level.${LEVELS[Number(level)]}`).split(' ')
  return told.map((token) => (words.has(token) ? words.say(token) : token.split('.').map(wordOf).join(': '))).join(', ')
}

function givenIn(words: Words, { id, n, role, flag, ...others }: Record<string, string>): Record<string, string | number> {
  return { ...others, ...(id && { id }), ...(n && { n: Number(n) }), ...(flag && { flag: words.has(`flag.${flag}`) ? words.say(`flag.${flag}`) : flag }), ...(role && { role: words.has(`role.${role}`) ? words.say(`role.${role}`) : role }) }
}
