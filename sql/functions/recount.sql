-- What is wrong with the rollups of the given places: what has to be added to a slot to make it true, nothing where all is well.
--   is_place: what was filed for the place itself (a TPS, or a region's own) against a fold of its reports;
--   else:     a region's counters against its own plus its children's counters, as they are stored;
--   slot 0:   the place has no row at all. It counts as a row of zeros, here and among its parent's children, so that what is missing
--             from it and what its parent has too much cancel out further up (api.differences).
-- Proves the promises 2 and 3: reads reports and roster, writes nothing. Flags are taken as judged.
create function api.recount(p_operation int, p_nodes int[])
returns table (node_id int, slot int, delta int, is_place bool)
language sql stable
as $$
    with place as materialized (
        select n.id, n.level, r.node_id is null as is_missing, coalesce(r.counters, '{}') as counters,
               case when n.level < 6 then r.own else coalesce(r.counters, '{}') end as own
        from posko.node n left join posko.rollup r on r.node_id = n.id
        where n.id = any(p_nodes)
    ), filed as materialized (
        select r.node_id, r.subject_id, count(*)::int as reports
        from posko.report r
        where r.node_id = any(p_nodes)
        group by r.node_id, r.subject_id
    ), pair as materialized (
        select f.node_id, f.subject_id::int from filed f where f.subject_id is not null
        union
        select f.node_id, m.id
        from filed f
        join posko.subject u on u.operation_id = p_operation and u.id = f.subject_id and u.kind = 'unreachable'
        join posko.subject m on m.operation_id = p_operation and m.kind = 'milestone'
        union
        select n.id, b.subject_id -- who owes something is silent in the reports
        from place l join posko.node n on n.id = l.id join posko.obligation b on b.node_id in (n.id, api.owing_node(n, (select root_level from posko.operation where id = p_operation)))
        where l.level = 6 and b.overdue_at is not null
        union
        select e.node_id, e.subject_id from posko.excuse e where e.node_id = any(p_nodes) and e.withdrawn_at is null
        union
        select f.node_id, s.id
        from posko.flag f join posko.subject s on s.operation_id = p_operation and s.kind = 'flag'
        where f.node_id = any(p_nodes)
    ), presence as materialized (
        select base from posko.subject where operation_id = p_operation and kind = 'presence'
    ), folded as (
        select c.node_id, c.slot, c.value
        from api.cells(p_operation, (select array_agg(p.node_id) from pair p), (select array_agg(p.subject_id) from pair p)) c
        union all
        select f.node_id, f.slot, f.value from api.facts(p_operation, p_nodes) f
        union all
        select t.node_id, p.base + v.i, v.value
        from place n join posko.tps t on t.node_id = n.id, presence p,
             lateral (values (1, 1), (2, t.voters_l), (3, t.voters_p)) as v(i, value)
        union all
        select f.node_id, p.base + 4, sum(f.reports)::int from filed f, presence p group by f.node_id, p.base
        union all
        select distinct f.node_id, p.base + 5, 1 from filed f join place n on n.id = f.node_id and n.level = 6, presence p
        union all
        select n.id, w.i::int, -w.value from place n cross join lateral unnest(n.own) with ordinality as w(value, i) where w.value <> 0
    ), summed as (
        select n.id as node_id, w.i::int as slot, w.value
        from place n
        join posko.node below on below.parent_id = n.id
        join posko.rollup r on r.node_id = below.id
        cross join lateral unnest(r.counters) with ordinality as w(value, i)
        left join posko.counter c on c.operation_id = p_operation and c.slot = w.i
        where n.level < 6 and w.value <> 0 and n.level >= coalesce(c.top_level, 0)
        union all
        select n.id, w.i::int, w.value from place n cross join lateral unnest(n.own) with ordinality as w(value, i) where n.level < 6
        union all
        select n.id, w.i::int, -w.value from place n cross join lateral unnest(n.counters) with ordinality as w(value, i) where n.level < 6
    )
    select f.node_id, f.slot, sum(f.value)::int, true from folded f group by f.node_id, f.slot having sum(f.value) <> 0
    union all
    select s.node_id, s.slot, sum(s.value)::int, false from summed s group by s.node_id, s.slot having sum(s.value) <> 0
    union all
    select n.id, 0, 1, false from place n where n.is_missing;
$$;
