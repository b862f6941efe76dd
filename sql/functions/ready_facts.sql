-- What counts at the given places of their teams and guards: part of api.facts. Guards are counted in people at the TPS: an officer with four TPS is
-- planned at each of them, and present where they have checked in and not left.
create function api.ready_facts(p_operation int, p_nodes int[]) returns table (node_id int, slot int, value int)
language sql stable
as $$
    select t.node_id, s.base + w.i, count(*)::int
    from posko.team t
    join posko.subject s on s.operation_id = p_operation and s.kind = 'team'
    cross join lateral (values (1, true), (2, t.briefed_at is not null), (3, t.present_at is not null)) as w(i, counts)
    where t.node_id = any(p_nodes) and t.withdrawn_at is null and w.counts
    group by 1, 2
    union all
    select p.node_id, s.base + coalesce(array_position(array['polri', 'tni', 'linmas'], g.institution), 4) * 2 - w.back, sum(g.members)::int
    from posko.guard_post p
    join posko.guard g on g.id = p.guard_id
    join posko.subject s on s.operation_id = p_operation and s.kind = 'guard'
    cross join lateral (values (1, true), (0, p.checked_in_at is not null and p.left_at is null)) as w(back, counts)
    where p.node_id = any(p_nodes) and p.withdrawn_at is null and w.counts
    group by 1, 2
    union all
    select w.node_id, s.base + 9, 1
    from posko.subject s cross join lateral api.guard_shortage(p_operation, p_nodes) w
    where s.operation_id = p_operation and s.kind = 'guard';
$$;
