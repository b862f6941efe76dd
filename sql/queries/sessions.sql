-- Sessions: opaque tokens, stored hashed. Run as posko_identity.

-- name: insert_session :one
insert into posko.session (account_id, token_hash, created_at, seen_at, expires_at, idle, assignment_id, device_id, kind, factors, must_enrol, name, address, stepped_up_at)
select $1, $2, at, at, least($14, at + $3::interval), $4::interval, $5, $6, $7, $8, $9, $10, $11,
       case when $12 then at else $13 end
from posko.now() as at
returning id, expires_at, stepped_up_at;

-- name: session_by_hash :one
-- A session made before its account or its seat was last changed has ended: disabling, a new password, another place. One that must enrol
-- a factor has no seat yet; one whose seat has ended has ended with it.
select a.id as account_id, a.username, s.id as session_id, g.id as seat_id, coalesce(g.role, '') as role, coalesce(g.regions, '{}') as regions, g.operation_id as operation,
       coalesce(g.cleared, false) as cleared, s.must_enrol, s.stepped_up_at, s.device_id,
       least(s.expires_at, g.ends_at) as expires_at, s.idle, s.seen_at
from posko.session s
join posko.account a on a.id = s.account_id
left join posko.assignment g on g.id = s.assignment_id and s.must_enrol is null
left join posko.device d on d.id = s.device_id
where s.token_hash = $1 and s.revoked_at is null and s.expires_at > posko.now() and (s.idle is null or s.seen_at + s.idle > posko.now())
  and a.disabled_at is null and a.changed_at <= s.created_at and d.revoked_at is null
  and (s.assignment_id is null or s.must_enrol is not null
       or g.revoked_at is null and g.changed_at <= s.created_at and g.starts_at <= posko.now() and (g.ends_at is null or g.ends_at > posko.now()));

-- name: describe :one
select s.id, s.account_id, s.created_at, s.expires_at, s.idle, s.assignment_id, s.device_id, s.factors, s.must_enrol, s.stepped_up_at, s.name, s.address
from posko.session s
where s.id = $1;

-- name: revoke :value
update posko.session set revoked_at = posko.now() where id = $1 and account_id = $2 and revoked_at is null returning id;

-- name: revoke_all :many
update posko.session set revoked_at = posko.now() where account_id = $1 and id is distinct from $2 and revoked_at is null and expires_at > posko.now() returning id;

-- name: count_keys :value
select count(*)::int from posko.session where account_id = $1 and kind = 'key' and revoked_at is null and expires_at > posko.now();

-- name: touch :exec
update posko.session set seen_at = posko.now() where id = any($1::int[]);

-- name: list_of :many
-- The running sessions of an account, the last seen first.
select s.id, s.created_at, s.seen_at, s.expires_at, s.kind, s.factors, d.name as device, s.name, s.address
from posko.session s
join posko.account a on a.id = s.account_id
left join posko.device d on d.id = s.device_id
where s.account_id = $1 and s.revoked_at is null and s.expires_at > posko.now() and (s.idle is null or s.seen_at + s.idle > posko.now())
  and a.disabled_at is null and a.changed_at <= s.created_at
order by s.seen_at desc, s.id
limit 200;

-- name: ended :many
-- Looks back a little further than the last look: a revocation may commit after a later one.
with look as (
    select posko.now() as looked_at, $1::timestamptz - interval '10 seconds' as since
), ended as (
    select s.id from posko.session s, look where s.revoked_at > look.since
    union
    select s.id
    from posko.account a join posko.session s on s.account_id = a.id, look
    where a.changed_at > look.since and s.created_at < a.changed_at
    union
    select s.id
    from posko.assignment g join posko.session s on s.assignment_id = g.id, look
    where g.changed_at > look.since and s.created_at < g.changed_at
)
select look.looked_at, ended.id from look left join ended on true;

-- name: purge :exec
delete from posko.session s
where (s.expires_at < posko.now() - interval '30 days' or s.revoked_at < posko.now() - interval '30 days');

-- name: purge_challenges :exec
delete from posko.challenge where expires_at < posko.now() - interval '1 minute';
