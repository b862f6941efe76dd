-- Finds obligations whose hour has passed, the longest due first, and counts every TPS that has not reported as overdue.
-- Keeps the promises 7 (due is a column; any worker may die) and 8 (silence is an alarm). p_limit kelurahan at most, and no more than
-- have some hundreds of TPS together, so that filing waits for no longer than a batch of reports takes. No row: nothing was due.
create function api.sweep_obligations(p_operation int, p_limit int) returns table (version bigint, found int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_bitmapscan = off
as $$
#variable_conflict use_column
declare
    c_tps   constant int := 150;
    o       posko.operation;
    at      timestamptz;
    v_nodes int[];  -- of the obligations
    v_subjects int[];
    d_nodes int[];
    d_slots int[];
begin
    select * into o from posko.operation where id = p_operation;
    at := api.clock(o); -- a volatile call in the conditions would read all that is not due yet
    if o.state is distinct from 'active' or not exists (
            select from posko.obligation where operation_id = p_operation and overdue_at is null and due_at <= at) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    if o.id is null then
        return; -- closed while this waited for the row
    end if;
    at := api.clock(o);
    with due as (
        select b.node_id, b.subject_id, b.due_at from posko.obligation b
        where b.operation_id = p_operation and b.overdue_at is null and b.due_at <= at
        order by b.due_at, b.node_id
        limit p_limit for update skip locked
    ), chosen as (
        select w.node_id, w.subject_id
        from (select d.*, r.counters[1] as tps, sum(r.counters[1]) over (order by d.due_at, d.node_id, d.subject_id) as together
              from due d join posko.rollup r on r.node_id = d.node_id) w
        where w.together - w.tps < c_tps
    ), marked as (
        update posko.obligation b set overdue_at = at from chosen d where b.node_id = d.node_id and b.subject_id = d.subject_id
        returning b.node_id, b.subject_id
    )
    select array_agg(node_id), array_agg(subject_id) into v_nodes, v_subjects from marked;
    if v_nodes is null then
        return;
    end if;

    -- Kelurahan by kelurahan, a range of codes each: joined in any other order the whole tree is read.
    with below as materialized (
        select b.node_id as owing_id, b.subject_id, s.base, t.id
        from unnest(v_nodes, v_subjects) as b(node_id, subject_id)
        join posko.node k on k.id = b.node_id
        join posko.subject s on s.operation_id = p_operation and s.id = b.subject_id
        cross join lateral (
            select n.id from posko.node n
            where n.operation_id = p_operation and n.code >= case k.code when 'ID' then '0' else k.code end
              and n.code < case k.code when 'ID' then 'A' else k.code || '/' end and n.level = 6
            offset 0
        ) t
    )
    select array_agg(t.id), array_agg(t.base + 5) into d_nodes, d_slots
    from below t
    join posko.rollup r on r.node_id = t.id
    -- A join, not `or not exists`: that reads every obligation into a hash, each time.
    left join posko.obligation w on w.node_id = t.id and w.subject_id = t.subject_id and t.id <> t.owing_id
    where coalesce(r.counters[t.base + 1], 0) + coalesce(r.counters[t.base + 3], 0) + coalesce(r.counters[t.base + 4], 0)
              + coalesce(r.counters[t.base + 5], 0) + coalesce(r.counters[t.base + 6], 0) = 0
      and w.node_id is null;

    update posko.operation set version = version + 1 where id = p_operation;
    if d_nodes is not null then
        perform api.roll_up(p_operation, o.version + 1, null, d_nodes, d_slots, array_fill(1, array[cardinality(d_nodes)]));
    end if;
    return query
    select o.version + 1, coalesce(cardinality(d_nodes), 0), array(select n.code from posko.node n where n.id = any(v_nodes));
end;
$$;
