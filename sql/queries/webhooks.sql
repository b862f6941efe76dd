-- Telling systems. Keeping endpoints runs as posko_app, delivering as posko_engine.

-- name: add :value
select api.add_endpoint($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: change :exec
select api.change_endpoint($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: pause :exec
select api.pause_endpoint($1, $2, $3, $4, $5);

-- name: remove :exec
select api.remove_endpoint($1, $2, $3);

-- name: rotate :exec
select api.rotate_endpoint_key($1, $2, $3, $4, $5, $6);

-- name: call :value
select api.call_endpoint($1, $2, $3, $4, $5);

-- name: replay :value
select api.replay_deliveries($1, $2, $3, $4, $5, $6, $7, $8);

-- name: skip :exec
select api.skip_delivery($1, $2, $3, $4);

-- name: endpoints :many
select id, operation, region, cleared, url, description, types, case when is_thin then 'thin' else 'full' end as payload, rate, state, state_why, owner, is_stopped, added_at,
       verified_at, failing_since, is_full, sequence, waiting, parked, dead, keys, key_made_at, waiting_since, delivered_at, resting_until, removed_at, removed_by
from api.endpoints_page($1, $2, $3, $4, $5, $6, $7)
order by id;

-- name: deliveries :many
select id, sequence, type, key, lane, region, at, state, why, attempts, is_replayed, ended_at, next_at
from api.deliveries_page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
order by sequence desc;

-- name: attempts :many
select key, event, type, number, at, ms, status, error, address, answer
from api.attempts_page($1, $2, $3, $4, $5, $6, $7, $8, $9)
order by at desc, key desc, number desc;

-- name: lease :many
-- With where each endpoint is and how it is spoken to.
select l.endpoint, l.fence, e.url, e.is_thin, e.rate,
       array(select k.uid from posko.endpoint_key k where k.endpoint_id = e.id and (k.ends_at is null or k.ends_at > posko.now()) order by k.made_at desc) as key_uids,
       array(select k.sealed from posko.endpoint_key k where k.endpoint_id = e.id and (k.ends_at is null or k.ends_at > posko.now()) order by k.made_at desc) as keys
from api.lease_endpoints($1, $2, make_interval(secs => $3)) l
join posko.endpoint e on e.id = l.endpoint;

-- name: stirred :many
-- Of these endpoints, which whoever asks has leased, those that something is due for: so that nobody asks for each of them, often, whether there is.
select l.endpoint_id as endpoint
from posko.endpoint_lane l
where l.endpoint_id = any($2::int[]) and l.lane = $1 and l.open_at <= posko.now()
  and exists (select from posko.delivery_key k where k.endpoint_id = l.endpoint_id and k.lane = $1 and k.next_at <= posko.now());

-- name: release :exec
select api.release_endpoint($1, $2, $3, $4);

-- name: due :many
select event, id, type, key, at, version, operation, is_drill, is_restricted, place, place_name, sequence, attempts, failures, since, data::text as data
from api.due_deliveries($1, $2, $3, $4, make_interval(secs => $5));

-- name: settle :value
select api.settle_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: turn :one
select operation, version, place from api.turn_endpoint($1, $2);

-- name: check :exec
select api.check_endpoints($1);

-- name: backlog :many
-- Of each endpoint: what waits, what is parked, and for how long the first of what waits has been due.
select e.id as endpoint, e.failing_since is not null as is_failing,
       (select count(*)::int from (select from posko.delivery d where d.endpoint_id = e.id and d.state in ('pending', 'parked') limit 100000) w) as waiting,
       coalesce((select greatest(0, extract(epoch from posko.now() - min(k.next_at))) from posko.delivery_key k where k.endpoint_id = e.id and k.next_at <> 'infinity'), 0)::float8 as lag_s
from posko.endpoint e
where e.removed_at is null
order by e.id
limit 5000;
