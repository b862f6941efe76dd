-- name: server :one
select current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as major,
       current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
       current_setting('full_page_writes') as full_page_writes, coalesce(current_setting('posko.now', true), '') <> '' as moved,
       (select rolsuper or rolbypassrls from pg_roles where rolname = session_user) as passes_walls,
       clock_timestamp() as at;
