import type { Content, OperationDetail, Sexes } from '../records.ts'
import type { Words } from '../words.ts'
import { nameOfCategory, nameOfMilestone } from './naming.ts'

/** What kind of thing a report says. */
export function titleOf(words: Words, operation: OperationDetail, content: Content): string {
  if (content.kind === 'milestone') return nameOfMilestone(words, operation, content.milestone)
  if (content.kind === 'correction' && !content.replacement) return words.say('report.withdrawn')
  return words.say(`report.${content.kind}`)
}

/** What a report says, in one sentence. */
export function sentenceOf(words: Words, operation: OperationDetail, content: Content): string {
  switch (content.kind) {
    case 'milestone':
      return content.possible === false ? words.say('report.not_possible', { reason: content.reason ?? '' }) : ''
    case 'turnout': {
      const [dpt, dptb, dpk] = [both(content.dpt), both(content.dptb), both(content.dpk)]
      const [l, p] = (['l', 'p'] as const).map((sex) => content.dpt[sex] + content.dptb[sex] + content.dpk[sex])
      const disabled = both(content.disabled ?? { l: 0, p: 0 })
      return joined(words.say('report.voters', { n: dpt + dptb + dpk, dpt, dptb, dpk }), words.say('report.sexes', { l: l ?? 0, p: p ?? 0 }), disabled > 0 ? words.say('report.disabled', { n: disabled }) : undefined)
    }
    case 'ballots':
      return words.say('report.ballots.what', content)
    case 'count':
      return countOf(words, content)
    case 'custody':
      return joined(words.say(`holder.${content.holder}`), words.say(content.sealed ? 'report.sealed' : 'station.seal.broken'), content.note)
    case 'incident':
      return `${words.say(`severity.${content.severity}`)}, ${nameOfCategory(words, content.category)}: ${content.text}`
    case 'nihil':
      return content.note ?? ''
    case 'unreachable':
      return joined(words.say('report.attempts', { n: content.attempts.length }), content.note)
    case 'correction':
      return joined(content.reason, content.replacement ? `${titleOf(words, operation, content.replacement)} ${sentenceOf(words, operation, content.replacement)}` : undefined)
  }
}

function countOf(words: Words, content: Extract<Content, { kind: 'count' }>): string {
  const votes = Object.entries(content.votes).map(([number, count]) => `${number}: ${words.number(count)}`)
  const said = words.say('report.count.what', { votes: votes.join(', '), valid: content.valid, invalid: content.invalid })
  return `${words.say(`contest.${content.contest}`)} — ${said} (${words.say('votes.label')})`
}

function both(sexes: Sexes): number {
  return sexes.l + sexes.p
}

function joined(...parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(' · ')
}
