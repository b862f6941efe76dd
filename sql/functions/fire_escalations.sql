-- Takes the steps that are due, the longest due first, at most p_limit. What is inhibited waits a minute and is looked at again, its step untaken.
-- Keeps promise 7: any number of workers may call this, and die in it, at any instant. No row: nothing was due.
create function api.fire_escalations(p_operation int, p_limit int) returns table (version bigint, fired int, late_s double precision, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o       posko.operation;
    at      timestamptz;
    v_due   uuid[];
    v_late  double precision;
    v_places text[];
begin
    select * into o from posko.operation where id = p_operation;
    if o.state is distinct from 'active' or not exists (
            select from posko.escalation where operation_id = p_operation and next_at <= api.clock(o)) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    if o.id is null then
        return; -- closed while this waited for the row
    end if;
    at := api.clock(o);
    with due as (
        select e.* from posko.escalation e
        where e.operation_id = p_operation and e.next_at <= at
        order by e.next_at, e.subject_id
        limit p_limit for update skip locked
    ), judged as materialized (
        select d.subject_id, d.next_at, d.node_id, api.is_inhibited(d, at) as is_inhibited from due d
    ), waiting as (
        update posko.escalation e set next_at = at + interval '1 minute' from judged j where e.subject_id = j.subject_id and j.is_inhibited
    )
    select array_agg(j.subject_id), extract(epoch from at - min(j.next_at)) / greatest(coalesce(o.clock_speed, 1), 1), array_agg(distinct n.code)
    into v_due, v_late, v_places
    from judged j join posko.node n on n.id = j.node_id
    where not j.is_inhibited;
    if v_due is null then
        return query select null::bigint, 0, null::double precision, '{}'::text[];
        return;
    end if;
    update posko.operation set version = version + 1 where id = p_operation;
    return query select o.version + 1, api.take_steps(o, o.version + 1, at, v_due, false), v_late, v_places;
end;
$$;
