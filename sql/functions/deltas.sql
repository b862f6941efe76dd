-- What (node, subject) pairs say now minus what their counters say: the leaf deltas, as three arrays; all null when nothing changed.
create function api.deltas(p_operation int, p_nodes int[], p_subjects int[], out nodes int[], out slots int[], out deltas int[])
language sql stable
as $$
    with cell as (
        select c.node_id, c.slot, c.value from api.cells(p_operation, p_nodes, p_subjects) c
        union all
        select t.node_id, s.base + w.i, -w.value
        from unnest(p_nodes, p_subjects) as t(node_id, subject_id)
        join posko.subject s on s.operation_id = p_operation and s.id = t.subject_id
        join posko.rollup r on r.node_id = t.node_id
        cross join lateral unnest((coalesce(r.own, r.counters))[s.base + 1 : s.base + s.width]) with ordinality as w(value, i)
        where w.value <> 0
    ), delta as (
        select node_id, slot, sum(value)::int as value from cell group by node_id, slot having sum(value) <> 0
    )
    select array_agg(node_id), array_agg(slot), array_agg(value) from delta;
$$;
