-- Brings standing alarms of silence to what is missing now: they grow, shrink, climb at once where their step's share is missing, and close
-- when nothing is missing any more (of a kota: when it is no longer silent). No row: nothing has changed.
create function api.check_alarms(p_operation int) returns table (version bigint, changed int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    c_spoken constant int := 40; -- per cent of a silent kota's TPS that are still missing when it is silent no longer
    o         posko.operation;
    at        timestamptz;
    v_ids     uuid[];
    v_missing int[];
    v_closed  posko.alarm[];
begin
    select * into o from posko.operation where id = p_operation;
    select array_agg(a.id), array_agg(c.missing) into v_ids, v_missing
    from posko.alarm a
    join posko.subject s on s.operation_id = a.operation_id and s.id = a.subject_id
    join posko.rollup r on r.node_id = a.node_id
    join posko.escalation e on e.subject_id = a.id
    cross join lateral (select coalesce(r.counters[s.base + 5], 0) as missing) c
    where a.operation_id = p_operation and a.closed_at is null
      and (c.missing <> a.missing or c.missing = 0 or a.kind = 'kota_diam' and c.missing * 100 < a.expected * c_spoken
           or e.state = 'climbing' and e.next_at > api.clock(o)
              and c.missing * 100 >= a.expected * (e.steps->(e.step - 1)->>'share')::int and coalesce(e.held_until <= api.clock(o), true));
    if v_ids is null then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    if o.id is null then
        return;
    end if;
    at := api.clock(o);
    update posko.operation set version = version + 1 where id = p_operation;
    with changed as (
        update posko.alarm a
        set missing = w.missing, peak = greatest(a.peak, w.missing), expected = greatest(a.expected, w.missing), version = o.version + 1,
            closed_at = case when w.missing = 0 or a.kind = 'kota_diam' and w.missing * 100 < a.expected * c_spoken then greatest(at, a.opened_at) end
        from unnest(v_ids, v_missing) as w(id, missing)
        where a.id = w.id and a.closed_at is null
        returning a.*
    ), hurried as (
        update posko.escalation e set next_at = at
        from changed c
        where e.subject_id = c.id and c.closed_at is null and e.state = 'climbing' and e.next_at > at and coalesce(e.held_until, at) <= at
          and c.missing * 100 >= c.expected * (e.steps->(e.step - 1)->>'share')::int
    )
    select array_agg(row(c.*)::posko.alarm) filter (where c.closed_at is not null) into v_closed from changed c;
    if v_closed is not null then
        perform api.end_alarms(o, o.version + 1, v_closed);
    end if;
    return query
    select o.version + 1, cardinality(v_ids), array(select n.code from posko.alarm a join posko.node n on n.id = a.node_id where a.id = any(v_ids));
end;
$$;
