-- What is owed and was not said: obligations, excuses, outages, alarms, the taps of a piket.

-- name: obligations :many
-- What one TPS owes, by milestone: when, and how it stands. What counts is the TPS' own counters; due_at is its own, else its kelurahan's.
select m.code as milestone, m.label_id, m.label_en, b.due_at, b.due_at - m.grace as planned_at, r.observed_at as met_at, r.id as met_by, r.vals[1] as reached,
       coalesce(c.counters[s.base + 2], 0) > 0 as is_late, coalesce(c.counters[s.base + 4], 0) > 0 as is_unreachable, coalesce(c.counters[s.base + 5], 0) > 0 as is_overdue,
       x.reason as excused_why, xa.username as excused_by, x.excused_at, v.kind as revote, v.vote_on
from posko.node n
join posko.operation o on o.id = n.operation_id
join posko.milestone m on m.operation_id = o.id
join posko.subject s on s.operation_id = o.id and s.id = m.subject_id
join posko.rollup c on c.node_id = n.id
cross join lateral (select api.due_at(n, o.root_level, m.subject_id) as due_at) b
left join posko.revote v on v.node_id = n.id
left join lateral (
    select r.id, r.observed_at, r.vals from posko.report r
    where r.node_id = n.id and r.subject_id = m.subject_id and not exists (select from posko.report k where k.corrects = r.id and k.node_id = r.node_id)
      and (v.counts_from is null or r.observed_at >= v.counts_from)
    order by r.weight, r.id limit 1
) r on true
left join posko.excuse x on x.node_id = n.id and x.subject_id = m.subject_id and x.withdrawn_at is null
left join posko.account xa on xa.id = x.account_id
where n.operation_id = $1 and n.code = $2 and n.level = 6 and b.due_at is not null
order by m.position, m.code;

-- name: clock :value
select api.clock(o) from posko.operation o where o.id = $1;

-- name: clock_now :one
select api.clock(o) as at, case when o.clock_at is null then 1 else o.clock_speed end::float8 as speed from posko.operation o where o.id = $1;

-- name: excuse :one
select version, changed, places from api.excuse($1, $2, $3, $4, $5, $6, $7);

-- name: declare_outage :value
select api.declare_outage($1, $2, $3, $4, $5, $6, $7, $8);

-- name: outages :many
select u.id, n.code as place, n.name as place_name, u.kind, u.reason, a.username as declared_by, u.began_at, u.until, u.ended_at, e.username as ended_by
from posko.outage u
join posko.node n on n.id = u.node_id
join posko.account a on a.id = u.account_id
left join posko.account e on e.id = u.ended_by
where u.operation_id = $1
order by u.ended_at is not null, u.began_at desc
limit 200;

-- name: alarms :many
select a.* from api.alarms_page($1, $2, $3, $4, $5, $6, $7, $8) a;

-- name: alarm_place :one
select a.operation_id as operation, n.code as place from posko.alarm a join posko.node n on n.id = a.node_id where a.id = $1;

-- name: acknowledge_alarm :one
select version, operation, place from api.acknowledge_alarm($1, $2, $3, $4);

-- name: tap_presence :value
select api.tap_presence($1, $2);

-- name: duties :many
select (n.level)::int as level, count(*)::int as desks, (extract(epoch from d.every) / 60)::int as every_minutes, min(d.due_at) as next_at
from posko.duty d join posko.node n on n.id = d.node_id
where d.operation_id = $1
group by n.level, d.every
order by n.level;

-- name: set_duty :value
select api.set_duty($1, $2, $3, $4, $5, make_interval(mins => $6));

-- name: outage_place :one
select u.operation_id as operation, n.code as place from posko.outage u join posko.node n on n.id = u.node_id where u.id = $1;

-- name: turnout :many
select h.* from api.turnout_hints($1, $2) h;
