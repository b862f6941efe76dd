-- What has to be added to the counters of each place to make them true, out of pg_temp.discrepancy (rows of api.recount):
-- what is wrong with a place is wrong with every region above it too, as far up as its counter rises. is_own: of a region's own counters.
-- Slot 0 is the row itself: it is missing, and missing nowhere else.
create function api.differences(p_operation int) returns table (node_id int, slot int, delta int, is_own bool)
language sql stable
as $$
    select a.node_id, d.slot, sum(d.delta)::int, false
    from pg_temp.discrepancy d
    join posko.node n on n.id = d.node_id
    join posko.operation o on o.id = p_operation
    left join posko.counter c on c.operation_id = p_operation and c.slot = d.slot
    cross join lateral unnest(n.path) with ordinality as a(node_id, depth)
    where d.slot > 0 and (a.node_id = d.node_id or a.depth > greatest(coalesce(c.top_level, 0) - o.root_level, 0))
    group by a.node_id, d.slot
    having sum(d.delta) <> 0
    union all
    select d.node_id, d.slot, d.delta, true
    from pg_temp.discrepancy d join posko.node n on n.id = d.node_id
    where d.is_place and n.level < 6
    union all
    select d.node_id, 0, d.delta, false from pg_temp.discrepancy d where d.slot = 0;
$$;
