import type { Query } from '../../http.ts'

/** Which rows of the log, as its form holds it; empty does not filter. */
export interface LogFilter {
  action: string
  username: string
  region: string
  /** `2024-11-27T05:00` by this machine's clock. */
  since: string
  until: string
}

/** Every action that the log can hold; tests/test_house.py finds what is missing. */
export const ACTIONS = [
  'session.open', 'session.close', 'session.end', 'session.seat', 'session.step_up', 'factor.password', 'factor.totp', 'factor.passkey',
  'device.offer', 'device.enrol', 'device.end', 'account.add', 'account.disable', 'account.enable', 'account.reset', 'account.sign_out',
  'account.key', 'seat.add', 'seat.end', 'shift.begin', 'shift.hand_over', 'shift.take_over', 'approval.ask', 'approval.approved',
  'approval.refused', 'approval.failed', 'flag.clear', 'log.export', 'restricted.read', 'privacy.erase', 'teams.set', 'guards.set', 'guard_patterns.set', 'priority_weights.set', 'break_glass.used', 'refused', 'refusals.many',
  'operation.create', 'operation.delete', 'operation.roster', 'operation.roster_export', 'operation.milestone', 'operation.milestone_remove', 'operation.contests', 'operation.activate',
  'operation.close', 'rules.set', 'categories.set', 'duty.set', 'clock.set', 'directive.issue', 'directive.withdraw',
  'excuse.give', 'excuse.withdraw', 'outage.declare', 'outage.end', 'table.export', 'photo.original', 'photo.hash',
  'photo.forget', 'voice.original', 'voice.hash', 'contact.add', 'contact.remove', 'sender.add', 'sender.remove',
  'gateway.add', 'gateway.rotate', 'gateway.close', 'webhook.add', 'webhook.change', 'webhook.pause', 'webhook.resume',
  'webhook.rotate', 'webhook.remove', 'webhook.replay', 'webhook.skip', 'webhook.test', 'webhook.challenge',
] as const

export function emptyFilter(): LogFilter {
  return { action: '', username: '', region: '', since: '', until: '' }
}

/** The filter as the server asks for it. */
export function queryOf(filter: LogFilter): Query {
  const moment = (local: string): string | undefined => (local ? new Date(local).toISOString() : undefined)
  const said = (text: string): string | undefined => text.trim() || undefined
  return {
    action: said(filter.action),
    username: said(filter.username.toLowerCase()),
    region: said(filter.region),
    since: moment(filter.since),
    until: moment(filter.until),
  }
}
