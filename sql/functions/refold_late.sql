-- Folds a milestone again where a report lies between its old and its new hour (both local to the TPS), and rolls up what changed.
-- The caller holds the operation's row and has already changed the plan.
create function api.refold_late(p_operation int, p_subject int, p_version bigint, p_was timestamp, p_is timestamp) returns void
language plpgsql
as $$
declare
    s       posko.subject;
    v_moved int[];
    d_nodes int[];
    d_slots int[];
    d_values int[];
begin
    select * into s from posko.subject where operation_id = p_operation and id = p_subject;
    select array_agg(n.id) into v_moved
    from posko.node n
    join posko.rollup r on r.node_id = n.id
    where n.operation_id = p_operation and n.level = 6 and r.counters[s.base + 1] > 0
      and exists (select from posko.report w
                  where w.node_id = n.id and w.subject_id = s.id
                    and w.observed_at > (least(p_was, p_is) - make_interval(hours => n.utc_offset)) at time zone 'UTC'
                    and w.observed_at <= (greatest(p_was, p_is) - make_interval(hours => n.utc_offset)) at time zone 'UTC');
    if v_moved is null then
        return;
    end if;

    with delta as (
        select c.node_id, c.slot, c.value
        from api.cells(p_operation, v_moved, array_fill(s.id::int, array[cardinality(v_moved)])) c
        union all
        select r.node_id, s.base + w.i, -w.value
        from unnest(v_moved) as m(node_id)
        join posko.rollup r on r.node_id = m.node_id
        cross join lateral unnest(r.counters[s.base + 1 : s.base + s.width]) with ordinality as w(value, i)
        where w.value <> 0
    )
    select array_agg(d.node_id), array_agg(d.slot), array_agg(d.value) into d_nodes, d_slots, d_values
    from (select node_id, slot, sum(value)::int as value from delta group by node_id, slot having sum(value) <> 0) d;
    if d_nodes is not null then
        perform api.roll_up(p_operation, p_version, null, d_nodes, d_slots, d_values); -- nothing was received: last_at stays
    end if;
end;
$$;
