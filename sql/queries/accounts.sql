-- name: by_username :one
select id, username, full_name, role, scope, disabled_at, password_hash
from posko.account
where username = $1;

-- name: by_id :one
select id, username, full_name, role, scope, disabled_at
from posko.account
where id = $1;

-- name: list_all :many
select id, username, full_name, role, scope, disabled_at
from posko.account
order by username;

-- name: add :one
insert into posko.account (username, full_name, role, scope, password_hash, created_at, changed_at)
values ($1, $2, $3, $4, $5, posko.now(), posko.now())
on conflict (username) do update
set full_name = excluded.full_name, role = excluded.role, scope = excluded.scope, password_hash = excluded.password_hash,
    disabled_at = null, changed_at = posko.now()
returning id, username, full_name, role, scope, disabled_at;

-- name: disable :value
update posko.account set disabled_at = posko.now(), changed_at = posko.now()
where username = $1 and disabled_at is null
returning id;

-- name: insert_session :value
insert into posko.session (account_id, token_hash, created_at, expires_at)
select $1, $2, at, at + $3::interval
from posko.now() as at
returning expires_at;

-- name: session_by_hash :one
-- A session made before its account was last changed has ended: disabling, a new password or a new place end all sessions.
select a.id as account_id, a.username, a.role, a.scope, s.id as session_id, s.expires_at
from posko.session s
join posko.account a on a.id = s.account_id
where s.token_hash = $1 and s.revoked_at is null and s.expires_at > posko.now()
  and a.disabled_at is null and a.changed_at <= s.created_at;

-- name: revoke_session :exec
update posko.session set revoked_at = posko.now() where id = $1 and revoked_at is null;

-- name: ended_sessions :many
-- Looks back a little further than the last look: a revocation may commit after a later one.
with look as (
    select posko.now() as looked_at, $1::timestamptz - interval '10 seconds' as since
), ended as (
    select s.id from posko.session s, look where s.revoked_at > look.since
    union
    select s.id
    from posko.account a join posko.session s on s.account_id = a.id, look
    where a.changed_at > look.since and s.created_at < a.changed_at
)
select look.looked_at, ended.id from look left join ended on true;
