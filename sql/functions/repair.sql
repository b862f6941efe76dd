-- Makes the rollups true by what pg_temp.discrepancy says, in one version; returns it. The caller holds the operation's row since before
-- it was counted.
create function api.repair(p_operation int) returns bigint
language plpgsql
as $$
declare
    v_version bigint;
begin
    update posko.operation set version = version + 1 where id = p_operation returning version into v_version;

    with change as (
        select d.node_id, array_agg(d.slot order by d.slot) as slots, array_agg(d.delta order by d.slot) as deltas
        from api.differences(p_operation) d
        where not d.is_own
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
