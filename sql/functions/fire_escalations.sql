-- Takes the steps that are due, the longest due first, at most p_limit. What is inhibited waits a minute and is looked at again, its step untaken.
-- Keeps promise 7: any number of workers may call this, and die in it, at any instant. No row: nothing was due.
create function api.fire_escalations(p_operation int, p_limit int) returns table (version bigint, fired int, late_s double precision, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
    o       posko.operation;
    at      timestamptz;
    v_due   uuid[];
    v_held  uuid[];
    v_late  double precision;
    v_places text[];
begin
    select * into o from posko.operation where id = p_operation and state = 'active';
    at := api.clock(o); -- a volatile call in the conditions would read all that is not due yet
    -- What is inhibited is found before filing waits: after a silent night that is most of it.
    v_due := array(
        select d.subject_id from posko.escalation d
        where d.operation_id = o.id and d.next_at <= at
        order by d.next_at, d.subject_id limit p_limit);
    if v_due = '{}' then
        return;
    end if;
    v_held := array(select api.inhibited(v_due, at));
    v_due := array(select unnest(v_due) except select unnest(v_held));
    if v_due <> '{}' then
        select * into o from posko.operation where id = p_operation and state = 'active' for update;
        if o.id is null then
            return; -- closed while this waited for the row
        end if;
    end if;
    at := api.clock(o);
    with held as (
        select e.subject_id from posko.escalation e
        where e.subject_id = any(v_held) and e.next_at <= at
        for update skip locked
    )
    update posko.escalation e set next_at = at + interval '1 minute' from held h where e.subject_id = h.subject_id;
    with due as (
        select e.* from posko.escalation e
        where e.subject_id = any(v_due) and e.next_at <= at
        for update skip locked
    )
    select array_agg(d.subject_id), extract(epoch from at - min(d.next_at)) / greatest(coalesce(o.clock_speed, 1), 1), array_agg(distinct n.code)
    into v_due, v_late, v_places
    from due d join posko.node n on n.id = d.node_id
    where d.subject_id not in (select api.inhibited(v_due, at));
    if v_due is null then
        return query select null::bigint, 0, null::double precision, '{}'::text[];
        return;
    end if;
    update posko.operation set version = version + 1 where id = p_operation;
    return query select o.version + 1, api.take_steps(o, o.version + 1, at, v_due, false), v_late, v_places;
end;
$$;
