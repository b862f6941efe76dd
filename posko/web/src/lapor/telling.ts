/** Reports in words: what one says, where it stands, and what to do about it. */

import type { Content, Sexes } from '../records.ts'
import type { Problem } from '../wire.ts'
import type { Words } from '../words.ts'
import { milestoneIn, type Named } from './milestones.ts'

export type Standing = 'antre' | 'terkirim' | 'diterima' | 'ditolak'

/** A report of the outbox, as far as it is told of. */
export interface Told {
  id: string
  order: number
  standing: Standing
  report: { content: Content; observed_at: string; place: string }
  receipt: { version?: number | null } | null
  refusal: Problem | null
}

type Said = Exclude<Content, { kind: 'correction' }>

/** What an incident is about; one of an operation's own kinds reads as its main category and its bare name. */
export function categoryIn(words: Words, category: string): string {
  const [main = '', own] = category.split('.')
  const name = words.has(`category.${main}`) ? words.say(`category.${main}`) : main.replaceAll('_', ' ')
  return own ? `${name}: ${own.replaceAll('_', ' ')}` : name
}

/** What kind of thing a report says. */
export function titleOf(words: Words, operation: Named | null, content: Content): string {
  if (content.kind === 'correction') {
    return content.replacement ? words.say('lapor.tell.corrected', { what: titleOf(words, operation, content.replacement) }) : words.say('lapor.tell.withdrawal')
  }
  if (content.kind === 'milestone') return milestoneIn(words, operation, content.milestone)
  if (content.kind === 'count' || content.kind === 'ballots') return `${words.say(`report.${content.kind}`)}: ${words.say(`contest.${content.contest}`)}`
  return words.say(`report.${content.kind}`)
}

/** What a report says, in one sentence; nothing where its title says it all. */
export function sentenceOf(words: Words, content: Content): string {
  if (content.kind !== 'correction') return saidIn(words, content)
  const replacement = content.replacement && content.replacement.kind !== 'correction' ? saidIn(words, content.replacement) : ''
  return joined(replacement, words.say('lapor.tell.reason', { reason: content.reason }))
}

function saidIn(words: Words, said: Said): string {
  switch (said.kind) {
    case 'milestone':
      return said.possible === false ? words.say('report.not_possible', { reason: said.reason ?? '' }) : ''
    case 'turnout': {
      const [dpt, dptb, dpk] = [both(said.dpt), both(said.dptb), both(said.dpk)]
      return words.say('report.voters', { n: dpt + dptb + dpk, dpt, dptb, dpk })
    }
    case 'ballots':
      return words.say('report.ballots.what', { received: said.received, used: said.used, spoilt: said.spoilt, unused: said.unused })
    case 'count': {
      const votes = Object.entries(said.votes).map(([number, count]) => words.say('lapor.tell.votes', { number, count }))
      return `${words.say('report.count.what', { votes: votes.join(', '), valid: said.valid, invalid: said.invalid })} (${words.say('votes.label')})`
    }
    case 'custody':
      return joined(words.say(`holder.${said.holder}`), words.say(said.sealed ? 'report.sealed' : 'lapor.custody.broken'), said.note)
    case 'incident':
      return joined(`${categoryIn(words, said.category)}, ${words.say(`severity.${said.severity}`)}`, said.text)
    case 'nihil':
      return said.note ?? ''
    case 'unreachable':
      return joined(words.say('report.attempts', { n: said.attempts.length }), said.note)
  }
}

function both(sexes: Sexes): number {
  return sexes.l + sexes.p
}

function joined(...parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(' · ')
}

const TAIL = 4

/** What one reads out over the telephone: the version that it came with and the end of its id; null before it is accepted. */
export function receiptOf(item: Pick<Told, 'id' | 'receipt'>): string | null {
  if (!item.receipt) return null
  const tail = item.id.slice(-TAIL).toUpperCase()
  return item.receipt.version ? `${item.receipt.version}-${tail}` : tail
}

/** Why it was refused, in words. */
export function whyIn(words: Words, problem: Problem): string {
  const broken = problem.errors?.[0]
  if (broken && words.has(`lapor.why.rule.${broken.rule}`)) return words.say(`lapor.why.rule.${broken.rule}`)
  if (words.has(`lapor.why.${problem.code}`)) return words.say(`lapor.why.${problem.code}`)
  if (broken) return words.say('lapor.why.field', { field: broken.path.replace(/^\$[^.]*\.?/, ''), rule: broken.rule })
  if (words.has(`problem.${problem.code}`)) return words.say(`problem.${problem.code}`)
  // What the server says of itself is English, and for who reads its log.
  return words.say(problem.status >= 500 ? 'problem.posko-error' : 'problem.other', { code: problem.code })
}

/** What to do about a refusal. */
export function remedyIn(words: Words, problem: Problem): string {
  return words.has(`lapor.do.${problem.code}`) ? words.say(`lapor.do.${problem.code}`) : words.say('lapor.do.invalid')
}

/** How a report fares since others were filed: corrected or withdrawn by a later one that was not refused. */
export function fateOf(item: Pick<Told, 'id'>, items: readonly Told[]): 'dikoreksi' | 'ditarik' | null {
  const later = items.find(({ standing, report: { content } }) => standing !== 'ditolak' && content.kind === 'correction' && content.of === item.id)
  if (later?.report.content.kind !== 'correction') return null
  return later.report.content.replacement ? 'dikoreksi' : 'ditarik'
}

/** What a correction of this report begins with: what it says itself; null for a withdrawal, which says nothing. */
export function saidOf(content: Content): Said | null {
  if (content.kind !== 'correction') return content
  return content.replacement && content.replacement.kind !== 'correction' ? content.replacement : null
}
