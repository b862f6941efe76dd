-- Counts teams and guards of the given places anew and rolls up what changed. The caller holds the operation's row.
-- An operation laid out before there were such counters has none: nothing is counted there.
create function api.roll_up_ready(p_operation int, p_version bigint, p_nodes int[]) returns void
language plpgsql
as $$
declare
    v_first int;
    v_last  int;
    d_nodes int[];
    d_slots int[];
    d_deltas int[];
begin
    -- Both subjects lie side by side (api.lay_out).
    select min(s.base) + 1, max(s.base + s.width) into v_first, v_last
    from posko.subject s where s.operation_id = p_operation and s.kind in ('team', 'guard');
    if v_first is null then
        return;
    end if;
    select array_agg(d.node_id), array_agg(d.slot), array_agg(d.value) into d_nodes, d_slots, d_deltas
    from (select w.node_id, w.slot, sum(w.value)::int as value
          from (select f.node_id, f.slot, f.value from api.ready_facts(p_operation, p_nodes) f
                union all
                select r.node_id, g.slot, -coalesce((coalesce(r.own, r.counters))[g.slot], 0)
                from posko.rollup r cross join generate_series(v_first, v_last) as g(slot)
                where r.node_id = any(p_nodes)) w
          group by w.node_id, w.slot
          having sum(w.value) <> 0) d;
    if d_nodes is not null then
        perform api.roll_up(p_operation, p_version, null, d_nodes, d_slots, d_deltas);
    end if;
end;
$$;
