-- What (node, subject) pairs say now minus what their counters say: the leaf deltas, as three arrays; all null when nothing changed.
create function api.deltas(p_operation int, p_nodes int[], p_subjects int[], out nodes int[], out slots int[], out deltas int[])
language sql stable
as $$
    with plan as materialized ( -- by subject: their ids are 1, 2, 3 ... (api.lay_out)
        select array_agg(s.base::int order by s.id) as bases, array_agg(s.width::int order by s.id) as widths
        from posko.subject s
        where s.operation_id = p_operation
    ), pair as (
        select t.node_id, (select bases from plan)[t.subject_id] as base, (select widths from plan)[t.subject_id] as width
        from unnest(p_nodes, p_subjects) as t(node_id, subject_id)
    ), counted as (
        select p.node_id, p.base, (coalesce(r.own, r.counters))[p.base + 1 : p.base + p.width] as vals
        from pair p join posko.rollup r on r.node_id = p.node_id
    ), cell as (
        select c.node_id, c.slot, c.value from api.cells(p_operation, p_nodes, p_subjects) c
        union all
        select w.node_id, w.slot, w.value
        from (select c.node_id, c.base + generate_subscripts(c.vals, 1) as slot, -unnest(c.vals) as value from counted c) w
        where w.value <> 0
    ), delta as (
        select node_id, slot, sum(value)::int as value from cell group by node_id, slot having sum(value) <> 0
    )
    select array_agg(node_id), array_agg(slot), array_agg(value) from delta;
$$;
