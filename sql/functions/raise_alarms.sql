-- Opens one alarm per kelurahan and milestone where TPS are overdue, and one per kota where so many are that the kota itself is silent.
-- Keeps promise 8. The caller's limit is in kelurahan. No row: there was nothing to decide.
create function api.raise_alarms(p_operation int, p_limit int) returns table (version bigint, opened int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
    c_silent constant int := 60; -- per cent of a kota's TPS
    c_least  constant int := 20; -- TPS: fewer are no kota
    o        posko.operation;
    at       timestamptz;
    v_slot   int;
    v_opened posko.alarm[];
    a        posko.alarm;
begin
    if not exists (select from posko.obligation where operation_id = p_operation and overdue_at is not null and alarmed_at is null) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    if o.id is null then
        return;
    end if;
    at := api.clock(o);
    select s.base into v_slot from posko.subject s where s.operation_id = p_operation and s.kind = 'alarm';
    with undecided as (
        select b.node_id, b.subject_id from posko.obligation b
        where b.operation_id = p_operation and b.overdue_at is not null and b.alarmed_at is null
        order by b.node_id
        limit p_limit for update skip locked
    ), decided as (
        update posko.obligation b set alarmed_at = at from undecided u where b.node_id = u.node_id and b.subject_id = u.subject_id
        returning b.node_id, b.subject_id
    ), desk as ( -- the kelurahan, and the kota above it (also of a TPS that has a clock of its own)
        select distinct api.owing_node(n, o.root_level) as node_id, d.subject_id, 'belum_lapor' as kind
        from decided d join posko.node n on n.id = d.node_id
        union
        select distinct n.path[3 - o.root_level], d.subject_id, 'kota_diam'
        from decided d join posko.node n on n.id = d.node_id
        where o.root_level <= 2
    ), counted as (
        select k.node_id, k.subject_id, k.kind, coalesce(r.counters[s.base + 5], 0) as missing, coalesce(r.counters[1], 0) as expected
        from desk k join posko.rollup r on r.node_id = k.node_id join posko.subject s on s.operation_id = p_operation and s.id = k.subject_id
    ), opened as (
        insert into posko.alarm (operation_id, node_id, kind, subject_id, missing, expected, peak, opened_at, version)
        select p_operation, node_id, kind, subject_id, missing, expected, missing, at, o.version + 1
        from counted
        where case kind when 'belum_lapor' then missing > 0 else expected >= c_least and missing * 100 >= expected * c_silent end
        order by kind, node_id
        on conflict do nothing
        returning *
    )
    select array_agg(row(w.*)::posko.alarm) into v_opened from opened w;
    if v_opened is null then
        return;
    end if;
    update posko.operation set version = version + 1 where id = p_operation;
    perform api.start_alarms(o, o.version + 1, at, v_opened);
    return query
    select o.version + 1, cardinality(v_opened), array(select n.code from unnest(v_opened) as w join posko.node n on n.id = w.node_id);
end;
$$;
