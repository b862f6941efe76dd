-- Moves what is owed of a milestone to its new hour; whoever was overdue by the old one and is not by the new is so no longer.
-- The caller holds the operation's row and has already changed the plan.
create function api.move_obligations(o posko.operation, m posko.milestone, p_version bigint) returns void
language plpgsql
as $$
declare
    at     timestamptz := api.clock(o);
    s      posko.subject;
    v_free int[];
begin
    select * into s from posko.subject where operation_id = o.id and id = m.subject_id;
    if s.width < 6 then
        return; -- laid out before there were obligations
    end if;
    with moved as (
        select b.node_id, (coalesce(v.vote_on, o.voting_day) + m.day + m.planned + m.grace - make_interval(hours => n.utc_offset)) at time zone 'UTC' as due_at
        from posko.obligation b join posko.node n on n.id = b.node_id left join posko.revote v on v.node_id = b.node_id
        where b.operation_id = o.id and b.subject_id = m.subject_id
    )
    update posko.obligation b
    set due_at = w.due_at, overdue_at = case when w.due_at <= at then b.overdue_at end, alarmed_at = case when w.due_at <= at then b.alarmed_at end
    from moved w
    where b.node_id = w.node_id and b.subject_id = m.subject_id;
    select array_agg(n.id) into v_free
    from posko.node n join posko.rollup r on r.node_id = n.id
    where n.operation_id = o.id and n.level = 6 and r.counters[s.base + 5] > 0 and not api.is_overdue(n.id, s.id, o.root_level);
    perform api.refold(o.id, p_version, v_free, array_fill(s.id::int, array[coalesce(cardinality(v_free), 0)]));
end;
$$;
