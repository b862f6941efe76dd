-- Where a TPS became overdue again - a correction took back what it said, it was reached after all, its excuse was withdrawn - it is decided
-- again whether that is an alarm: the one that there was may have closed. Takes deltas of leaf counters. The caller holds the operation's row.
-- Keeps promise 8 (silence is an alarm).
create function api.rouse(p_operation int, p_nodes int[], p_slots int[], p_deltas int[]) returns void
language sql
as $$
    update posko.obligation b
    set alarmed_at = null
    from unnest(p_nodes, p_slots, p_deltas) as d(node_id, slot, delta)
    join posko.subject s on s.operation_id = p_operation and s.kind = 'milestone' and s.width = 6 and s.base + 5 = d.slot
    join posko.node n on n.id = d.node_id
    where d.delta > 0 and b.node_id in (n.id, api.owing_node(n, (select root_level from posko.operation where id = p_operation)))
      and b.subject_id = s.id and b.alarmed_at is not null;
$$;
