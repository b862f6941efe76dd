-- Lets the step that is longest due wait ten minutes: it could not be taken, and must not hold up those behind it.
create function api.postpone(p_operation int) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update posko.escalation set next_at = next_at + interval '10 minutes'
    where subject_id = (select subject_id from posko.escalation where operation_id = p_operation and next_at is not null order by next_at, subject_id limit 1);
$$;
