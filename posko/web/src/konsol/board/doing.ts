/** What keys and buttons do about an incident: at once, or after a few words. */

import type { Board } from './board.svelte.ts'
import type { Acted, Incident } from './incident.ts'
import type { Command } from './keys.ts'
import { ACTIONS, type Action, isAbove, isAtTop, isResting } from './moves.ts'

/** Need no words. */
const AT_ONCE: readonly Action[] = ['acknowledgement', 'handling']

/** A key: about the incident that the keyboard is at, or why not. */
export async function doAt(board: Board, command: Command): Promise<void> {
  const { target: before } = board
  const { held } = board.acts
  // What is held about the same incident is done first: what is asked for now follows from it.
  if (held && held.incident.id === before?.id) {
    await board.acts.sendHeld()
    if (held.action === command) return
  }
  const target = before && (board.cursor === before.id ? board.target : (board.shown.find(before.id) ?? before))
  if (!target) return board.acts.tell({ text: board.words.say('board.choose.first'), isRefused: true, undo: null })
  if (command === 'watch') return board.acts.watch(target, !board.isWatching(target))
  const action = ACTIONS.find((known) => known === command)
  if (!action) return
  if (action === 'escalation' && board.can(action, target) && isAtTop(target, await board.previewOf(target))) {
    return board.acts.tell({ text: board.words.say('board.why.top'), isRefused: true, undo: null })
  }
  if (board.can(action, target)) return start(board, action, target, true)
  board.acts.tell({ text: whyNotHere(board, action, target), isRefused: true, undo: null })
}

/** Does what needs no words (by a key: in a while), asks for the words of what does. */
export async function start(board: Board, action: Action, incident: Incident, isByKey = false): Promise<void> {
  // What takes words takes longer than whatever is under way.
  if (!AT_ONCE.includes(action)) {
    void board.acts.sendHeld()
    board.acts.asked = { action, incident }
    return
  }
  if (board.acts.underWay.has(incident.id)) return
  // The page may be on its way out while it is sent.
  const send = () => board.acts.act(action, incident, () => board.api.put<Acted>(`/v1/incidents/${incident.id}/${action}`, {}, { isLasting: true }))
  if (isByKey) return board.acts.hold(action, incident, send)
  if (board.acts.held?.incident.id === incident.id) await board.acts.sendHeld()
  else void board.acts.sendHeld()
  await send()
}

/** Why a key does nothing here, in words. */
function whyNotHere(board: Board, action: Action, incident: Incident): string {
  const { words, seat } = board
  const given = { tier: words.say(`board.tier.${incident.tier}`), status: words.say(`status.${incident.status}`), what: words.say(`board.do.${action}`) }
  if (!board.can('comment', incident)) return words.say('board.why.role')
  if (isAbove(seat, incident)) return words.say('board.why.above', given)
  if (action === 'snooze' && isResting(incident)) return words.say('board.why.resting')
  return words.say('board.why.status', given)
}
