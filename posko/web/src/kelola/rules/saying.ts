import { nameOfCategory } from '../../naming.ts'
import type { Words } from '../../words.ts'
import { type Change, ladderOf, type Rule, type Taxonomy } from './rules.ts'

const labelOf = (words: Words, of: { label_id: string; label_en: string }): string => (words.language === 'id' ? of.label_id : of.label_en)

export function nameOfKind(words: Words, rule: Pick<Rule, 'about'>, kind: string, taxonomy: Taxonomy): string {
  if (rule.about === 'alarm') return words.has(`alarm.${kind}`) ? words.say(`alarm.${kind}`) : kind
  const known = taxonomy.categories.find(({ code }) => code === kind)
  return known ? labelOf(words, known) : nameOfCategory(words, kind)
}

/** Rules that come with every operation are named in the reader's language; those of others as they named them. */
export function nameOfRule(words: Words, name: string): string {
  if (name === '') return words.say('rules.unnamed')
  return words.has(`rules.named.${name}`) ? words.say(`rules.named.${name}`) : name
}

export function kindsOf(words: Words, rule: Rule, taxonomy: Taxonomy): string {
  return rule.kinds?.map((kind) => nameOfKind(words, rule, kind, taxonomy)).join(', ') ?? words.say('rules.any')
}

export function severitiesOf(words: Words, rule: Rule): string {
  return rule.severities?.map((one) => words.say(`severity.${one}`)).join(', ') ?? words.say('rules.any')
}

export function stagesOf(words: Words, rule: Rule, taxonomy: Taxonomy): string {
  return rule.stages?.map((code) => labelOf(words, taxonomy.stages.find((stage) => stage.code === code) ?? { label_id: code, label_en: code })).join(', ') ?? words.say('rules.any')
}

/** `0 mnt kelurahan/desa → 5 mnt kecamatan → …` */
export function ladderIn(words: Words, rule: Pick<Rule, 'steps'>): string {
  return ladderOf(rule)
    .map(({ tier, at_min, share }) => `${words.say('age.m', { n: at_min })} ${words.say(`level.${tier}`).toLowerCase()}${share === null ? '' : ` (${words.say('rules.share.at', { n: share })})`}`)
    .join(' → ')
}

/** A field of a rule as people read it. */
export function valueOf(words: Words, rule: Rule, field: Change['field'], taxonomy: Taxonomy): string {
  switch (field) {
    case 'name': return nameOfRule(words, rule.name)
    case 'kinds': return kindsOf(words, rule, taxonomy)
    case 'severities': return severitiesOf(words, rule)
    case 'stages': return stagesOf(words, rule, taxonomy)
    case 'repeats': return words.say('rules.times', { n: rule.repeats })
    case 'repeat_after_min':
    case 'acknowledge_within_min':
    case 'resolve_within_min': return words.say('age.m', { n: rule[field] })
    case 'quiet_after_min': return rule.quiet_after_min === null ? words.say('rules.never') : words.say('age.m', { n: rule.quiet_after_min })
    default: return ladderIn(words, rule)
  }
}
