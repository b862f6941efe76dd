import type { Refusal } from './http.ts'
import type { Words } from './words.ts'

/** What a refusal says to a person: the rule of the field that broke one, else the words of its code. */
export function sayingOf(words: Words, refusal: Refusal): string {
  const broken = refusal.problem?.errors?.[0]
  if (refusal.code === 'invalid' && broken) {
    if (words.has(`rule.${broken.rule}`)) return words.say(`rule.${broken.rule}`)
    // What is said wrong of a path or query is the address's fault, not a field's.
    if (!broken.path.startsWith('$')) return words.say('problem.address')
    const said = words.say('problem.field', { field: broken.path.replace(/^\$\.?/, '') })
    // The server's own sentence is English.
    return words.language === 'en' ? `${said} (${broken.message})` : said
  }
  if (words.has(`problem.${refusal.code}`)) return words.say(`problem.${refusal.code}`)
  return words.say('problem.other', { code: refusal.code })
}

/** The name of the field that a refusal is about, `seats[0].role`; null when it is about none. */
export function fieldOf(refusal: Refusal): string | null {
  return refusal.problem?.errors?.[0]?.path.replace(/^\$\.?/, '') || null
}
