-- What the hub reads: each statement is one snapshot, so the versions that it returns hold for the rows beside them.

-- name: versions :many
select o.id as operation, o.version, o.layout, o.state = 'closed' as is_closed
from posko.operation o
where o.id = any($1::int[]);

-- name: open_topics :many
-- Topics by (operation, code): whole, with their names. A topic that does not exist has no row.
select w.topic::int, o.version, o.layout, o.restricts, posko.now() as at, n.id as node_id,
       (select array_agg(c.name order by c.slot) from posko.counter c where c.operation_id = o.id) as counters,
       p.code, p.name, r.version as row_version, r.last_at, r.counters as vals
from unnest($1::int[], $2::text[]) with ordinality as w(operation_id, code, topic)
join posko.operation o on o.id = w.operation_id
join posko.node n on n.operation_id = w.operation_id and n.code = w.code
cross join lateral (
    select n.id, n.code, n.name, 0 as place
    union all
    select c.id, c.code, c.name, 1 from posko.node c where c.parent_id = n.id
) p
join posko.rollup r on r.node_id = p.id
order by w.topic, p.place, p.code;

-- name: changed_rows :many
-- Topics by (operation, node, version): the rows that changed after the version; a topic without changes has one row of nulls.
select w.topic::int, o.version, o.layout, posko.now() as at, r.code, r.version as row_version, r.last_at, r.counters as vals
from unnest($1::int[], $2::int[], $3::bigint[]) with ordinality as w(operation_id, node_id, since, topic)
join posko.operation o on o.id = w.operation_id
left join lateral (
    select n.code, r.version, r.last_at, r.counters
    from posko.node n join posko.rollup r on r.node_id = n.id
    where n.id = w.node_id and r.version > w.since
    union all
    select n.code, r.version, r.last_at, r.counters
    from posko.node n join posko.rollup r on r.node_id = n.id
    where n.parent_id = w.node_id and r.version > w.since
) r on true
order by w.topic;

-- name: lateness :one
select api.lateness() as seconds;

-- name: lost_sessions :many
-- Of the sessions that sockets were opened with: those that have ended, or whose account or seat is not what it was.
select w.id
from unnest($1::int[]) as w(id)
left join posko.session s on s.id = w.id
left join posko.account a on a.id = s.account_id
left join posko.assignment g on g.id = s.assignment_id
left join posko.device d on d.id = s.device_id
where s.id is null or s.revoked_at is not null or s.expires_at <= posko.now() or a.disabled_at is not null or a.changed_at > s.created_at
   or d.revoked_at is not null or g.revoked_at is not null or g.changed_at > s.created_at or g.ends_at <= posko.now();
