-- Adds deltas of leaf counters to the leaves and to every region above them, and stamps what changed with the version.
-- Keeps promise 3 (children sum to the parent) at every version. The caller holds the operation's row.
create function api.roll_up(p_operation int, p_version bigint, p_at timestamptz, p_nodes int[], p_slots int[], p_deltas int[]) returns void
language plpgsql
as $$
declare
    first_levels int[]; -- of each slot: how many levels below the operation's root its path begins
begin
    select array_agg(1 + greatest(c.top_level - o.root_level, 0) order by c.slot) into first_levels
    from posko.operation o join posko.counter c on c.operation_id = o.id
    where o.id = p_operation;

    with leaf as (
        select d.node_id, array_agg(d.slot) as slots, array_agg(d.delta) as deltas
        from unnest(p_nodes, p_slots, p_deltas) as d(node_id, slot, delta)
        group by d.node_id
    ), summed as (
        select a.node_id, d.slot, sum(d.delta)::int as delta, sum(d.delta) filter (where a.node_id = l.node_id)::int as own_delta
        from leaf l
        join posko.node n on n.id = l.node_id
        cross join lateral unnest(l.slots, l.deltas) as d(slot, delta)
        cross join lateral unnest(n.path[first_levels[d.slot]:]) as a(node_id)
        group by a.node_id, d.slot
    ), change as (
        select s.node_id, array_agg(s.slot order by s.slot) as slots, array_agg(s.delta order by s.slot) as deltas,
               array_agg(s.slot order by s.slot) filter (where s.own_delta is not null) as own_slots,
               array_agg(s.own_delta order by s.slot) filter (where s.own_delta is not null) as own_deltas
        from summed s
        group by s.node_id
    )
    update posko.rollup r
    set counters = api.add_at(r.counters, c.slots, c.deltas),
        own = case when r.own is not null and c.own_slots is not null then api.add_at(r.own, c.own_slots, c.own_deltas) else r.own end,
        version = p_version,
        last_at = greatest(r.last_at, p_at)
    from change c
    where r.node_id = c.node_id;
end;
$$;
