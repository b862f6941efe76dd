-- What speaks of a place is found by it: a place that goes (another roster, a draft that is taken away) is looked for in every table that refers to it,
-- and partial indexes are of no use to a foreign key. Without these each TPS that goes reads fourteen tables of all operations from end to end.
-- None of them is written by a report; the busiest, event and directive_target, by what a desk does.
create index alarm_by_node on posko.alarm (node_id);
create index directive_by_node on posko.directive (node_id);
create index directive_late_by_node on posko.directive_late (node_id);
create index directive_target_by_desk on posko.directive_target (desk_id);
create index escalation_by_node on posko.escalation (node_id);
create index event_by_node on posko.event (node_id);
create index firing_by_node on posko.firing (node_id);
create index notice_by_node on posko.notice (node_id);
create index outage_by_node on posko.outage (node_id);
create index photo_by_node on posko.photo (node_id);
create index team_by_node on posko.team (node_id);
create index voice_by_node on posko.voice (node_id);

drop index posko.guard_by_node, posko.guard_post_by_node; -- only those that are not withdrawn
create index guard_by_node on posko.guard (node_id);
create index guard_post_by_node on posko.guard_post (node_id);
