-- name: lock :exec
select pg_advisory_xact_lock($1);

-- name: create_ledger :exec
create table if not exists public.posko_migration (
    name       text primary key,
    checksum   text not null,
    applied_at timestamptz not null default clock_timestamp()
);

-- name: ledger_exists :value
select to_regclass('public.posko_migration') is not null;

-- name: applied :many
select name, checksum from public.posko_migration;

-- name: record :exec
insert into public.posko_migration (name, checksum) values ($1, $2)
on conflict (name) do update set checksum = excluded.checksum, applied_at = clock_timestamp();

-- name: drop_functions :exec
drop schema if exists api cascade;
create schema api;

-- name: trust_bodies :exec
set local check_function_bodies = off;

-- name: open_lanes :exec
-- Operations that were activated before there were restricted lanes.
select api.open_lane(o.id) from posko.operation o
where o.state = 'active' and o.restricts is null and not exists (select from posko.operation l where l.restricts = o.id);

-- name: lay_obligations :exec
-- Operations that were laid out with room for obligations, and have none yet.
select api.lay_obligations(o.id) from posko.operation o
where o.state = 'active' and o.restricts is null and not exists (select from posko.obligation b where b.operation_id = o.id);
