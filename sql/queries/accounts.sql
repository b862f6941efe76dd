-- Accounts, the persons behind them, and their seats. Run as posko_identity.

-- name: by_username :one
select a.id, a.username, coalesce(p.full_name, a.username) as full_name, a.institution, a.party, a.kind, a.disabled_at, a.changed_at,
       case when a.password_until is null or a.password_until > posko.now() then a.password_hash end as password_hash
from posko.account a left join posko.person p on p.account_id = a.id
where a.username = $1;

-- name: by_id :one
select a.id, a.username, coalesce(p.full_name, a.username) as full_name, a.institution, a.party, a.kind, a.disabled_at, a.changed_at, a.password_hash
from posko.account a left join posko.person p on p.account_id = a.id
where a.id = $1;

-- name: hold :value
-- Keeps an account as it is until the transaction ends: whether it is what it was when somebody proved to be its owner.
select changed_at = $2 and disabled_at is null from posko.account where id = $1 for share;

-- name: hold_alone :exec
-- Nobody opens a session of the account until the transaction ends.
select from posko.account where id = $1 for update;

-- name: page :many
-- Accounts that hold, or held, a seat within the given regions, or none at all where the nation is among them; by username.
select a.id, a.username, coalesce(p.full_name, a.username) as full_name, a.institution, a.party, a.kind, a.disabled_at,
       exists (select from posko.totp t where t.account_id = a.id and t.confirmed_at is not null) as has_totp,
       (select count(*)::int from posko.passkey k where k.account_id = a.id) as passkeys,
       (select count(*)::int from posko.device d where d.account_id = a.id and d.revoked_at is null) as devices,
       (select max(s.seen_at) from posko.session s where s.account_id = a.id) as last_seen_at
from posko.account a left join posko.person p on p.account_id = a.id
where ($2::text is null or a.username like '%' || $2 || '%' or lower(p.full_name) like '%' || $2 || '%')
  and a.username > $3 and ($4::text is null or a.username = $4)
  and ('ID' = any($1::text[]) or exists (select from posko.assignment s where s.account_id = a.id and s.regions <> '{}'
                                         and (select bool_and(api.covers($1, r)) from unnest(s.regions) as r)))
order by a.username
limit $5;

-- name: list_all :many
select a.id, a.username, coalesce(p.full_name, a.username) as full_name, a.institution, a.party, a.kind, a.disabled_at
from posko.account a left join posko.person p on p.account_id = a.id
order by a.username;

-- name: seats_of :many
-- The seats that these accounts hold now or will hold.
select s.account_id, s.id, s.role, s.regions, s.operation_id as operation, s.cleared, s.starts_at, s.ends_at
from posko.assignment s
where s.account_id = any($1::int[]) and s.revoked_at is null and (s.ends_at is null or s.ends_at > posko.now())
order by s.account_id, s.id;

-- name: current_seats :many
select s.id, s.role, s.regions, s.operation_id as operation, s.cleared, s.starts_at, s.ends_at
from posko.assignment s
where s.account_id = $1 and s.revoked_at is null and s.starts_at <= posko.now() and (s.ends_at is null or s.ends_at > posko.now())
order by s.id;

-- name: seat :one
select s.account_id, a.username, s.id, s.role, s.regions, s.operation_id as operation, s.cleared, s.starts_at, s.ends_at
from posko.assignment s join posko.account a on a.id = s.account_id
where s.id = $1 and s.revoked_at is null;

-- name: insert_account :value
insert into posko.account (username, kind, institution, party, is_party, password_hash, password_until, created_at, changed_at)
select $1, $2, i.code, $4, i.is_party, $5, case when $6 then posko.now() + interval '72 hours' end, posko.now(), posko.now()
from posko.institution i where i.code = $3
returning id;

-- name: insert_person :exec
insert into posko.person (account_id, full_name, phone) values ($1, $2, $3)
on conflict (account_id) do update set full_name = excluded.full_name, phone = coalesce(excluded.phone, posko.person.phone);

-- name: insert_seat :one
-- The role of a system is a system's, and a system has no other: it shows no second factor.
insert into posko.assignment (account_id, is_party, role, regions, operation_id, cleared, starts_at, ends_at, granted_by, granted_at, changed_at)
select a.id, a.is_party, $2, $3, $4, $5, coalesce($6, now.at), $7, $8, now.at, now.at
from posko.account a, (select posko.now() as at) as now
where a.id = $1 and ($2 = 'system') = (a.kind = 'system')
returning id, role, regions, operation_id as operation, cleared, starts_at, ends_at;

-- name: revoke_seat :value
update posko.assignment set revoked_at = posko.now(), changed_at = posko.now() where id = $1 and revoked_at is null returning id;

-- name: revoke_seats :exec
update posko.assignment set revoked_at = posko.now(), changed_at = posko.now() where account_id = $1 and revoked_at is null;

-- name: unknown_regions :value
-- Of these codes, those that no operation (or not this one) has a place for, nor lies below; none while there is no operation at all.
select array_agg(c.code)
from unnest($1::text[]) as c(code)
where exists (select from posko.operation where $2::int is null or id = $2)
  and not exists (
    select from posko.operation o
    where ($2::int is null or o.id = $2)
      and (c.code = 'ID' or o.root_code ^@ (c.code || '.') or exists (select from posko.node n where n.operation_id = o.id and n.code = c.code)));

-- name: operation_known :value
select exists (select from posko.operation where id = $1 and restricts is null);

-- name: disable :value
update posko.account set disabled_at = posko.now(), changed_at = posko.now()
where id = $1 and disabled_at is null
returning id;

-- name: enable :value
update posko.account set disabled_at = null, changed_at = posko.now()
where id = $1 and disabled_at is not null
returning id;

-- name: set_password :exec
-- Ends every session of the account. A password that somebody else has made lasts for three days: it is to be changed.
update posko.account
set password_hash = $2, password_until = case when $3 then posko.now() + interval '72 hours' end, changed_at = posko.now()
where id = $1;

-- name: spend_password :value
update posko.account set password_hash = null where id = $1 and password_hash is not null returning id;

-- name: rehash :exec
-- The same password under new parameters: no session ends.
update posko.account set password_hash = $2 where id = $1 and password_hash = $3;

-- name: reform :exec
-- What the owner at the command line says anew of an account.
update posko.account a set kind = $2, institution = i.code, party = $4, is_party = i.is_party, password_hash = $5, password_until = null, disabled_at = null, changed_at = posko.now()
from posko.institution i
where a.id = $1 and i.code = $3;

-- name: institutions :many
select code, label_id, label_en, is_party from posko.institution order by is_party, code;
