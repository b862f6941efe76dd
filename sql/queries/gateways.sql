-- name: gateways :many
-- Gateways of operations whose whole tree lies in the regions, by id; with the keys that are valid.
select g.id, g.operation_id as operation, g.channel, g.name, a.username as added_by, g.added_at,
       (select count(*)::int from posko.gateway_key k where k.gateway_id = g.id and (k.ends_at is null or k.ends_at > posko.now())) as keys
from posko.gateway g
join posko.operation o on o.id = g.operation_id
left join posko.account a on a.id = g.added_by
where g.closed_at is null and api.covers($1::text[], o.root_code) and ($2::int is null or o.id = $2) and ($3::int is null or g.id = $3)
order by g.id
limit 200;

-- name: operation_root :value
select root_code from posko.operation where id = $1 and restricts is null for share;

-- name: add_gateway :value
-- Null: the operation has as many as it may.
insert into posko.gateway (operation_id, channel, name, added_by, added_at)
select $1, $2, $3, $4, posko.now()
where (select count(*) from posko.gateway where channel = $2 and closed_at is null) < $5
returning id;

-- name: end_key :exec
-- The key before goes on for a while; who holds the gateway's row adds keys to it.
update posko.gateway_key set ends_at = posko.now() + $2 where gateway_id = $1 and ends_at is null;

-- name: add_key :exec
insert into posko.gateway_key (gateway_id, sealed, made_at) values ($1, $2, posko.now());

-- name: hold_gateway :value
select id from posko.gateway where id = $1 and closed_at is null for update;

-- name: count_keys :value
select count(*)::int from posko.gateway_key where gateway_id = $1 and (ends_at is null or ends_at > posko.now());

-- name: close_gateway :exec
update posko.gateway set closed_by = $2, closed_at = posko.now() where id = $1 and closed_at is null;

-- name: forget_keys :exec
delete from posko.gateway_key where gateway_id = $1;

-- name: hold_keys :exec
-- Nobody adds a key meanwhile: two who give the same at once would both find it new.
lock table posko.gateway_key in share row exclusive mode;

-- name: keys :many
select gateway_id as id, sealed from posko.gateway_key where ends_at is null or ends_at > posko.now();

-- name: keys_of_channel :many
select g.id, g.operation_id as operation, k.sealed
from posko.gateway g join posko.gateway_key k on k.gateway_id = g.id and (k.ends_at is null or k.ends_at > posko.now())
where g.channel = $1 and g.closed_at is null
order by g.id, k.id;

-- name: senders :many
select s.id, s.channel, s.hint, a.username as added_by, s.added_at
from posko.sender s left join posko.account a on a.id = s.added_by
where s.account_id = $1
order by s.id;

-- name: add_sender :one
insert into posko.sender (account_id, channel, digest, hint, regions, operation_id, added_by, added_at)
select $1, $2, $3, $4, $7, $8, $5, posko.now()
where (select count(*) from posko.sender where account_id = $1) < $6
returning id, channel, hint, added_at;

-- name: remove_sender :value
delete from posko.sender where id = $1 and account_id = $2 returning id;

-- name: sender_account :one
select a.id, a.username, s.regions, s.operation_id as operation
from posko.sender s join posko.account a on a.id = s.account_id and a.disabled_at is null
where s.channel = $1 and s.digest = $2;

-- name: receive :one
-- The row of this message: the one that its first coming made. It was sent when the gateway says, but in a drill that is played at
-- another hour, when it came there.
insert into posko.text_received as t (gateway_id, message_id, digest, received_at, sent_at)
select $1, $2, $3, posko.now(), case when o.clock_at is null then coalesce($4::timestamptz, posko.now()) else api.clock(o) end
from posko.operation o
where o.id = $5
on conflict (gateway_id, message_id) do update set digest = t.digest
returning t.digest, t.received_at, t.sent_at;

-- name: forget_texts :exec
delete from posko.text_received where received_at < posko.now() - interval '30 days';

-- name: tps :many
-- As posko_app: what the seat sees.
select code, utc_offset from posko.node where operation_id = $1 and level = 6 and code = any($2::text[]);

-- name: tps_of_scope :many
select n.code, n.utc_offset
from unnest($2::text[]) as region
cross join lateral (
    select n.code, n.utc_offset from posko.node n
    where n.operation_id = $1 and n.level = 6 and (n.code = region or n.code > region || '.' and n.code < region || '/')
    order by n.code
    limit 1000
) as n;

-- name: last_report :value
-- The last that an account said of a place (about one subject, or at all) before a moment, unless it was taken back by then.
select r.id
from posko.node n
join posko.report r on r.node_id = n.id and r.account_id = $3 and r.received_at < $4
join posko.subject s on s.operation_id = r.operation_id and s.id = r.subject_id
where n.operation_id = $1 and n.code = $2 and ($5::text is null or s.name = $5)
  and not exists (select from posko.report c where c.corrects = r.id and c.received_at < $4)
order by r.version desc, r.id desc
limit 1;

-- name: milestones :many
select code, label_id as label from posko.milestone where operation_id = $1;

-- name: categories :many
select c.code, c.label_id as label
from posko.category c
where c.operation_id is not distinct from (select max(m.operation_id) from posko.category m where m.operation_id = $1)
  and c.version = (select max(m.version) from posko.category m where m.operation_id is not distinct from c.operation_id)
order by c.position;
