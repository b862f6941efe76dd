import type { Content } from '../../records.ts'
import en from '../../words/suara/en.json' with { type: 'json' }
import id from '../../words/suara/id.json' with { type: 'json' }

/** What stands for the words of a report that is only spoken, in whatever language it was filed. */
const SPOKEN: readonly string[] = [id['lapor.voice.text'], en['lapor.voice.text']]

/** What somebody wrote in an incident report: nothing, where only a voice note says it. */
export function writtenIn({ text, voice }: Extract<Content, { kind: 'incident' }>): string {
  return voice && SPOKEN.includes(text) ? '' : text
}
