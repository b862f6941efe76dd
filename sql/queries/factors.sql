-- Second factors, passkeys, devices and their enrolment. Run as posko_identity.

-- name: totp :one
select secret, confirmed_at, last_step from posko.totp where account_id = $1;

-- name: begin_totp :value
-- A new secret until it is confirmed; one that is confirmed is kept.
insert into posko.totp (account_id, secret) values ($1, $2)
on conflict (account_id) do update set secret = excluded.secret, last_step = null where posko.totp.confirmed_at is null
returning account_id;

-- name: spend_totp :value
-- A code counts once: of two that come at the same moment one finds the step taken.
update posko.totp set last_step = $2, confirmed_at = coalesce(confirmed_at, posko.now())
where account_id = $1 and (last_step is null or last_step < $2) and (confirmed_at is not null or $3)
returning account_id;

-- name: drop_totp :exec
delete from posko.totp where account_id = $1;

-- name: passkeys :many
select id, credential_id, name, created_at, last_used_at from posko.passkey where account_id = $1 order by id;

-- name: passkey_by_credential :one
select k.id, k.account_id, k.public_key, k.sign_count from posko.passkey k where k.credential_id = $1;

-- name: insert_passkey :value
insert into posko.passkey (account_id, credential_id, public_key, sign_count, name, created_at)
select $1, $2, $3, $4, $5, posko.now()
where (select count(*) from posko.passkey where account_id = $1) < 10
on conflict (credential_id) do nothing
returning id;

-- name: use_passkey :value
update posko.passkey set sign_count = $2, last_used_at = posko.now() where id = $1 and sign_count = $3 returning id;

-- name: drop_passkey :value
delete from posko.passkey where id = $1 and account_id = $2 returning id;

-- name: drop_passkeys :exec
delete from posko.passkey where account_id = $1;

-- name: drop_devices :exec
with gone as (
    update posko.device set revoked_at = posko.now() where account_id = $1 and revoked_at is null returning id
)
update posko.session s set revoked_at = posko.now() from gone where s.device_id = gone.id and s.revoked_at is null;

-- name: drop_enrolments :exec
update posko.enrolment set used_at = posko.now() where account_id = $1 and used_at is null;

-- name: put_challenge :exec
insert into posko.challenge (id, purpose, account_id, device_id, bytes, expires_at) values ($1, $2, $3, $4, $5, posko.now() + interval '5 minutes');

-- name: take_challenge :one
delete from posko.challenge where id = $1 and purpose = $2 and expires_at > posko.now() returning account_id, device_id, bytes as content;

-- name: insert_enrolment :one
insert into posko.enrolment (code_hash, account_id, assignment_id, issued_by, issued_at, expires_at)
select $1, $2, $3, $4, at, at + $5::interval from posko.now() as at
returning id, expires_at;

-- name: open_enrolment :one
-- Locked until the transaction ends: of two devices with one code, the second finds it used.
select e.id, e.account_id, e.assignment_id
from posko.enrolment e
join posko.account a on a.id = e.account_id and a.disabled_at is null
join posko.assignment g on g.id = e.assignment_id and g.revoked_at is null and (g.ends_at is null or g.ends_at > posko.now())
where e.code_hash = $1 and e.used_at is null and e.expires_at > posko.now()
for update of e;

-- name: use_enrolment :exec
update posko.enrolment set used_at = posko.now(), device_id = $2 where id = $1;

-- name: insert_device :value
insert into posko.device (account_id, public_key, pin_hash, name, enrolled_at) values ($1, $2, $3, $4, posko.now()) returning id;

-- name: devices :many
select id, name, enrolled_at, last_used_at, pin_failures >= 5 as is_locked from posko.device where account_id = $1 and revoked_at is null order by id;

-- name: device :one
select d.id, d.account_id, d.public_key, d.pin_hash, d.pin_failures,
       (select e.assignment_id from posko.enrolment e where e.device_id = d.id order by e.id desc limit 1) as assignment_id
from posko.device d
where d.id = $1 and d.revoked_at is null;

-- name: try_pin :value
-- Counted before the PIN is looked at, so that guesses which come at once are counted too; null when it is locked.
update posko.device set pin_failures = pin_failures + 1 where id = $1 and revoked_at is null and pin_failures < 5 returning pin_failures;

-- name: pin_was_right :exec
update posko.device set pin_failures = 0, last_used_at = posko.now() where id = $1;

-- name: revoke_device :value
with gone as (
    update posko.device set revoked_at = posko.now() where id = $1 and account_id = $2 and revoked_at is null returning id
), ended as (
    update posko.session s set revoked_at = posko.now() from gone where s.device_id = gone.id and s.revoked_at is null
)
select id from gone;

-- name: owner_of_device :value
select account_id from posko.device where id = $1 and revoked_at is null;
