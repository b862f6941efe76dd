-- Adds deltas of leaf counters to the leaves and to every region above them, and stamps what changed with the version.
-- Keeps promise 3 (children sum to the parent) at every version. The caller holds the operation's row.
-- p_at: when what is filed was received, by the operation's clock (in a drill that may have been set back since); null: nothing is filed.
-- What a place adds climbs as one pair of arrays, not number by number; api.add_at does the sums where they arrive.
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
        select d.node_id, first_levels[d.slot] as first_level, array_agg(d.slot) as slots, array_agg(d.delta) as deltas
        from unnest(p_nodes, p_slots, p_deltas) as d(node_id, slot, delta)
        group by d.node_id, first_levels[d.slot]
    ), climbed as (
        select unnest(n.path[l.first_level:]) as node_id, l.node_id as leaf_id, l.slots, l.deltas
        from leaf l join posko.node n on n.id = l.node_id
    ), change as (
        select c.node_id, api.concat_of(c.slots) as slots, api.concat_of(c.deltas) as deltas,
               bool_or(c.node_id = c.leaf_id) as is_leaf
        from climbed c
        group by c.node_id
    )
    update posko.rollup r
    set counters = api.add_at(r.counters, c.slots, c.deltas),
        -- A region that is reported on itself: of all that arrives at it, what was filed for it.
        own = case when r.own is null or not c.is_leaf then r.own else api.add_at(r.own,
            (select array_agg(d.slot order by d.i) from unnest(p_nodes, p_slots) with ordinality as d(node_id, slot, i) where d.node_id = r.node_id),
            (select array_agg(d.delta order by d.i) from unnest(p_nodes, p_deltas) with ordinality as d(node_id, delta, i) where d.node_id = r.node_id))
        end,
        version = p_version,
        last_at = coalesce(p_at, r.last_at)
    from change c
    where r.node_id = c.node_id;
end;
$$;
