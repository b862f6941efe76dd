-- Incidents as cases: lists, one, its log, what comes next, and everything that is done about it.

-- name: page :many
select s.* from api.incidents_page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) i cross join lateral api.shown(i) s
order by s.number desc;

-- name: changes :many
select s.* from api.incident_changes($1, $2, $3, $4) i cross join lateral api.shown(i) s
order by s.version, s.number;

-- name: board :many
select category, severity, status, place, place_name, region_name, opened_at from api.incident_board($1, $2, $3);

-- name: clock :one
select api.clock(o) as at, coalesce(o.clock_speed, 1) as speed from posko.operation o where o.id = $1;

-- name: incident :one
select s.* from posko.incident i cross join lateral api.shown(i) s
where i.id = $1;

-- name: duplicates :many
select s.* from api.duplicates_of($1) i cross join lateral api.shown(i) s;

-- name: reports :many
select p.report_id from posko.incident_report p join posko.report r on r.id = p.report_id where p.incident_id = $1 order by p.report_id limit 500;

-- name: requests :many
select r.number, r.kind, r.addressee, r.question, asker.username as asked_by, r.asked_at, r.answer, answerer.username as answered_by, r.answered_at
from posko.incident_request r
join posko.account asker on asker.id = r.asked_by
left join posko.account answerer on answerer.id = r.answered_by
where r.incident_id = $1
order by r.number;

-- name: requests_for :many
select r.* from api.requests_for($1, $2, $3, $4, $5, $6) r;

-- name: watchers :many
select a.username
from posko.incident_watcher w join posko.account a on a.id = w.account_id
where w.incident_id = $1
order by a.username
limit 200;

-- name: entries :many
select e.seq, e.at, a.username as by, e.channel, e.action, e.from_status, e.to_status, e.said, api.within_reach(e.details)::text as details
from posko.incident_entry e left join posko.account a on a.id = e.account_id
where e.incident_id = $1 and e.seq > $2
order by e.seq
limit $3;

-- name: preview :many
select p.round, p.step, p.at, api.level_name(p.tier) as tier, p.desk, p.desk_name, p.is_staffed, p.channels, p.share from api.preview($1) p
order by p.round, p.step;

-- name: act :one
select version, operation, places, entry from api.act_on_incident($1, $2, $3, $4, $5, $6, $7);

-- name: watch :exec
select api.watch_incident($1, $2, $3, $4);

-- name: rules :many
-- What an operation's rules are now: its own of the last version, else those that hold for all.
select coalesce(r.operation_id, 0) as operation, r.version, r.name, r.about, r.kinds, r.severities, r.stages, r.steps::text as steps, r.repeats,
       (extract(epoch from r.repeat_after) / 60)::int as repeat_after_min, (extract(epoch from r.quiet_after) / 60)::int as quiet_after_min,
       (extract(epoch from r.acknowledge_within) / 60)::int as acknowledge_within_min, (extract(epoch from r.resolve_within) / 60)::int as resolve_within_min
from posko.rule r
where r.operation_id is not distinct from (select max(m.operation_id) from posko.rule m where m.operation_id = $1)
  and r.version = (select max(m.version) from posko.rule m where m.operation_id is not distinct from r.operation_id)
order by r.position;

-- name: set_rules :value
select api.set_rules($1, $2, $3, $4, $5);

-- name: categories :many
select c.version, c.code, c.label_id, c.label_en
from posko.category c
where c.operation_id is not distinct from (select max(m.operation_id) from posko.category m where m.operation_id = $1)
  and c.version = (select max(m.version) from posko.category m where m.operation_id is not distinct from c.operation_id)
order by c.position;

-- name: set_categories :value
select api.set_categories($1, $2, $3, $4);

-- name: stages :many
select s.code, s.label_id, s.label_en, s.day, to_char(s.begins, 'HH24:MI') as begins
from posko.stage s
where s.operation_id is not distinct from (select max(m.operation_id) from posko.stage m where m.operation_id = $1)
order by s.day, s.begins;

-- name: set_clock :value
select api.set_clock($1, $2, $3, $4, $5);
