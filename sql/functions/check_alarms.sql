-- Brings standing alarms of silence to what is missing now: they grow, shrink, climb at once where their step's share is missing, and close
-- when nothing is missing any more (of a kota: when it is no longer silent). p_limit alarms at most. No row: nothing has changed.
-- They are looked for before filing waits, and looked at again while it does: what came in between has been counted.
create function api.check_alarms(p_operation int, p_limit int) returns table (version bigint, changed int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    o         posko.operation;
    at        timestamptz;
    v_ids     uuid[];
    v_changed int[];
    v_closed  posko.alarm[];
begin
    select * into o from posko.operation where id = p_operation;
    at := api.clock(o); -- a volatile call in the conditions would read all that is not due yet
    select array_agg(m.alarm_id) into v_ids from (select alarm_id from api.alarms_moved(p_operation, at, null) limit p_limit) m;
    if v_ids is null then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    if o.id is null then
        return;
    end if;
    at := api.clock(o);
    with moved as materialized (
        select * from api.alarms_moved(p_operation, at, v_ids)
    ), changed as (
        update posko.alarm a
        set missing = m.missing, peak = greatest(a.peak, m.missing), expected = greatest(a.expected, m.missing), version = o.version + 1,
            closed_at = case when m.is_over then greatest(at, a.opened_at) end
        from moved m
        where a.id = m.alarm_id
        returning a.*
    ), hurried as (
        update posko.escalation e set next_at = at from moved m where e.subject_id = m.alarm_id and m.is_hurried and not m.is_over
    )
    select array_agg(c.node_id), array_agg(row(c.*)::posko.alarm) filter (where c.closed_at is not null) into v_changed, v_closed from changed c;
    if v_changed is null then
        return;
    end if;
    update posko.operation set version = version + 1 where id = p_operation;
    if v_closed is not null then
        perform api.end_alarms(o, o.version + 1, v_closed);
    end if;
    return query select o.version + 1, cardinality(v_changed), array(select n.code from posko.node n where n.id = any(v_changed));
end;
$$;
