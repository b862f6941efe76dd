-- Who may do what in the database, beside the owner; given anew whenever the functions are loaded.
-- posko_app writes nothing but through api functions that check the seat themselves.

revoke all on schema public from public;
revoke execute on all functions in schema api, posko from public;
grant usage on schema posko, api to posko_app, posko_identity, posko_engine;
grant execute on function posko.now(), posko.scope(), posko.above_scope(), posko.one_operation(), posko.is_cleared() to posko_app, posko_identity, posko_engine;

-- reading places and reports, as far as the seat sees
grant select on posko.operation, posko.node, posko.tps, posko.rollup, posko.report, posko.report_person, posko.flag, posko.flag_past, posko.flag_clearing, posko.photo, posko.voice,
                posko.contest, posko.paslon, posko.subject, posko.milestone, posko.counter to posko_app, posko_engine;
grant select on posko.obligation, posko.excuse, posko.revote, posko.outage, posko.alarm, posko.duty, posko.category, posko.stage, posko.rule, posko.incident,
                posko.incident_report, posko.incident_entry, posko.incident_request, posko.incident_watcher, posko.escalation, posko.firing to posko_app, posko_engine;
grant select on posko.directive, posko.directive_target, posko.directive_entry, posko.directive_late, posko.directive_template to posko_app, posko_engine;
grant select on posko.team, posko.guard_post, posko.guard_pattern, posko.priority_weight to posko_app, posko_engine;
grant select on posko.institution to posko_app;
-- A guard's phone is shown by api.guards_page alone.
grant select (id, operation_id, node_id, name, institution, members, posts, account_id, withdrawn_at, version) on posko.guard to posko_app, posko_engine;
grant select (id, username) on posko.account to posko_app, posko_engine;
grant execute on function api.tps_behind, api.rows_of, api.grid_places, api.grid_states, api.incidents_behind, api.flags_behind, api.flags_of, api.flag_history to posko_app;
grant execute on function api.file_reports, api.clear_flag, api.reopen to posko_app;
-- photos and voice notes: what is promised is read in reports, kept by a function that looks the seat up
grant execute on function api.promised_photos, api.photo_promise, api.keep_photo, api.promised_voice, api.voice_promise, api.keep_voice to posko_app;
grant execute on function api.covers to posko_app, posko_identity;
grant execute on function api.due_at to posko_app;
grant execute on function api.clock, api.is_overdue, api.owing_node, api.is_open, api.shown, api.within_reach, api.level_name to posko_app, posko_engine;

-- running the day
grant execute on function api.act_on_incident, api.watch_incident, api.acknowledge_alarm, api.excuse, api.declare_outage, api.set_rules, api.set_categories,
                          api.set_clock, api.set_duty, api.alarms_page, api.turnout_hints, api.incidents_page, api.incident_changes, api.incident_board, api.requests_for, api.duplicates_of, api.preview to posko_app;
grant execute on function api.set_teams, api.mark_team, api.teams_page, api.set_guards, api.check_guard, api.guards_page, api.guard_accounts,
                          api.set_guard_patterns, api.guard_patterns, api.set_priority_weights, api.priority_weights, api.priorities to posko_app;
grant execute on function api.tap_presence to posko_identity;
grant execute on function api.make_draft, api.drop_draft, api.replace_roster, api.plan_milestone, api.unplan_milestone, api.plan_contests, api.open_operation, api.end_operation to posko_app;
grant execute on function api.sweep_obligations, api.raise_alarms, api.check_alarms, api.check_desks, api.fire_escalations, api.mark_overdue, api.lateness, api.postpone to posko_engine;

-- directives
grant execute on function api.issue_directive, api.audience_of, api.answer_directive, api.withdraw_directive, api.directive_seen, api.directives_page, api.directive_targets,
                          api.directive_compliance, api.directives_for, api.directive_templates to posko_app;
grant execute on function api.expand_directives, api.mark_late_directives to posko_engine;

-- the hub and the worker
grant execute on function api.recount, api.cells, api.flag_kinds, api.facts, api.ready_facts, api.guard_shortage, api.guard_patterns, api.case_slot, api.alarm_slot, api.case_statuses,
                          api.directive_counts to posko_engine;


-- which sockets must go
grant select (id, account_id, assignment_id, device_id, created_at, expires_at, revoked_at) on posko.session to posko_engine;
grant select (disabled_at, changed_at) on posko.account to posko_engine;
grant select (id, revoked_at, changed_at, ends_at) on posko.assignment to posko_engine;
grant select (id, revoked_at) on posko.device to posko_engine;

-- curves and finding a place: read and written through functions alone
grant execute on function api.curve_of, api.curve_state, api.find_places to posko_app;
grant execute on function api.sample_curves to posko_engine;
grant select on posko.curve to posko_engine;

-- accounts
grant select, insert, update, delete on posko.account, posko.person, posko.assignment, posko.totp, posko.passkey, posko.device, posko.enrolment,
                                        posko.challenge, posko.session, posko.shift, posko.approval to posko_identity;
grant select on posko.institution, posko.operation, posko.node to posko_identity;
grant select, insert on posko.log_entry to posko_identity;

-- erasing names
grant update (name_salt) on posko.operation to posko_identity;
grant select, delete on posko.report_person to posko_identity;
grant select, update (name, phone) on posko.guard to posko_identity;

-- telling people: what is due and the messages are the worker's, who is told the keepers' of people; everything is written by functions
grant select on posko.contact, posko.notice, posko.notice_member, posko.telling, posko.message to posko_engine;
grant execute on function api.notify, api.notify_many, api.tell_due, api.drop_stale_messages, api.claim_messages, api.settle_message, api.retry_failed to posko_engine;
grant select on posko.contact to posko_identity;
grant execute on function api.add_contact, api.remove_contact, api.forget_contacts to posko_identity;
grant select on posko.photo, posko.voice to posko_identity;
grant execute on function api.forget_photos to posko_identity;

-- telling systems: endpoints are kept through functions that look the seat up; what is due is the worker's
grant execute on function api.add_endpoint, api.change_endpoint, api.pause_endpoint, api.remove_endpoint, api.rotate_endpoint_key, api.call_endpoint,
                          api.replay_deliveries, api.skip_delivery, api.endpoints_page, api.deliveries_page, api.attempts_page, api.condition to posko_app;
grant select on posko.endpoint, posko.endpoint_key, posko.endpoint_lane, posko.event, posko.delivery, posko.delivery_key, posko.attempt to posko_engine;
grant execute on function api.lease_endpoints, api.release_endpoint, api.due_deliveries, api.settle_deliveries, api.turn_endpoint, api.check_endpoints,
                          api.check_thresholds to posko_engine;
-- texts in: gateways, their keys, and whose a sender is are the keepers' of people
grant select, insert, update, delete on posko.gateway, posko.gateway_key, posko.sender, posko.text_received to posko_identity;
grant execute on function api.clock to posko_identity;
