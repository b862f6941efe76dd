-- What counts at the given places beside their reports: incidents, alarms, directives, teams, guards. The fold that their counters are proven against.
create function api.facts(p_operation int, p_nodes int[]) returns table (node_id int, slot int, value int)
language sql stable
as $$
    select i.node_id, api.case_slot(s.base, i.status, i.severity), count(*)::int
    from posko.incident i join posko.subject s on s.operation_id = p_operation and s.kind = 'case'
    where i.node_id = any(p_nodes) and i.status = any(api.case_statuses())
    group by 1, 2
    union all
    select i.node_id, s.base + 25, count(*)::int
    from posko.incident i join posko.subject s on s.operation_id = p_operation and s.kind = 'case'
    where i.node_id = any(p_nodes) and i.overdue_at is not null and api.is_open(i.status)
    group by 1, 2
    union all
    select a.node_id, api.alarm_slot(s, a.kind), count(*)::int
    from posko.alarm a join posko.subject s on s.operation_id = p_operation and s.kind = 'alarm'
    where a.node_id = any(p_nodes) and a.closed_at is null and api.alarm_slot(s, a.kind) is not null
    group by 1, 2
    union all
    select t.node_id, s.base + c.i::int, sum(c.value)::int
    from posko.directive_target t join posko.subject s on s.operation_id = p_operation and s.kind = 'directive'
    cross join lateral unnest(api.directive_counts(t.state, t.is_open, t.overdue_at is not null)) with ordinality as c(value, i)
    where t.node_id = any(p_nodes) and c.value <> 0
    group by 1, 2
    union all
    select r.node_id, r.slot, r.value from api.ready_facts(p_operation, p_nodes) r;
$$;
