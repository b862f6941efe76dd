-- Folds (node, subject) pairs anew and rolls up what became different; last_at stays as it is.
-- For changes that do not come as reports: a cleared flag, an edited milestone. The caller holds the operation's row.
create function api.refold(p_operation int, p_version bigint, p_nodes int[], p_subjects int[]) returns void
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_bitmapscan = off
as $$
declare
    d_nodes  int[];
    d_slots  int[];
    d_deltas int[];
begin
    -- What a milestone counts as depends on whether its TPS is out of reach.
    select d.nodes, d.slots, d.deltas into d_nodes, d_slots, d_deltas
    from (
        select array_agg(t.node_id) as nodes, array_agg(t.subject_id) as subjects
        from (
            select w.node_id, w.subject_id from unnest(p_nodes, p_subjects) as w(node_id, subject_id)
            union
            select w.node_id, s.id from unnest(p_nodes) as w(node_id), posko.subject s where s.operation_id = p_operation and s.kind = 'unreachable'
        ) t
    ) p
    cross join lateral api.deltas(p_operation, p.nodes, p.subjects) d;
    if d_nodes is not null then
        perform api.roll_up(p_operation, p_version, null, d_nodes, d_slots, d_deltas);
        perform api.rouse(p_operation, d_nodes, d_slots, d_deltas);
    end if;
end;
$$;
