import type { OperationDetail } from '../records.ts'
import type { Route } from '../routes.ts'
import type { Words } from '../words.ts'
import { nameOfCounter, nameOfFlag } from './naming.ts'

/** What a tab is called: the view first, that tells one from another, then the place; `news`: how much nobody has looked at. */
export function titleOf(words: Words, operation: OperationDetail, route: Route, name: string, news: number): string {
  const view = viewOf(words, operation, route)
  return `${news > 0 ? `(${news}) ` : ''}${view ? `${view} · ` : ''}${name} · posko`
}

function viewOf(words: Words, operation: OperationDetail, route: Route): string {
  switch (route.page) {
    case 'view': {
      const said = route.filters['cari']
      return said ? `${words.say(`view.${route.view}`)}: ${said}` : words.say(`view.${route.view}`)
    }
    case 'region':
      return words.say('view.rekap')
    case 'stations':
      return nameOfCounter(words, operation, route.counter)
    case 'incidents':
      return words.say('incidents') + (route.kind ? `: ${words.say(`severity.${route.kind}`)}` : '')
    case 'flags':
      return words.say('flags') + (route.kind ? `: ${nameOfFlag(words, route.kind)}` : '')
    default:
      // A TPS is its own view.
      return ''
  }
}
