-- Makes the rollups true by what pg_temp.discrepancy says, in one version; returns it. The caller holds the operation's row since before
-- it was counted. A missing row is made first, of zeros, and then becomes true like any other.
create function api.repair(p_operation int) returns bigint
language plpgsql
as $$
declare
    v_version bigint;
begin
    update posko.operation set version = version + 1 where id = p_operation returning version into v_version;

    -- From the leaves up: a region's last report is the latest of its own and its children's.
    for v_level in reverse 6 .. 0 loop
        insert into posko.rollup (node_id, version, last_at, counters, own)
        select n.id, v_version,
               greatest((select api.on_clock(o, max(r.received_at)) from posko.report r where r.node_id = n.id),
                        (select max(b.last_at) from posko.node below join posko.rollup b on b.node_id = below.id where below.parent_id = n.id)),
               '{}', case when n.level < 6 then '{}'::int[] end
        from pg_temp.discrepancy d join posko.node n on n.id = d.node_id join posko.operation o on o.id = n.operation_id
        where d.slot = 0 and n.level = v_level;
    end loop;

    with change as (
        select d.node_id, array_agg(d.slot order by d.slot) as slots, array_agg(d.delta order by d.slot) as deltas
        from api.differences(p_operation) d
        where not d.is_own and d.slot > 0
        group by d.node_id
    )
    update posko.rollup r set counters = api.add_at(r.counters, c.slots, c.deltas), version = v_version
    from change c
    where r.node_id = c.node_id;

    with change as (
        select d.node_id, array_agg(d.slot order by d.slot) as slots, array_agg(d.delta order by d.slot) as deltas
        from api.differences(p_operation) d
        where d.is_own
        group by d.node_id
    )
    update posko.rollup r set own = api.add_at(r.own, c.slots, c.deltas), version = v_version
    from change c
    where r.node_id = c.node_id;
    return v_version;
end;
$$;
