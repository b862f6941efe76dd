-- What an incident that was b and is n adds to the counters of its place.
create function api.case_deltas(b posko.incident, n posko.incident) returns table (node_id int, slot int, value int)
language sql stable
as $$
    select n.node_id, d.slot, sum(d.value)::int
    from posko.subject s
    cross join lateral (values
        (api.case_slot(s.base, b.status, b.severity), -1),
        (api.case_slot(s.base, n.status, n.severity), 1),
        (s.base + 25, (n.overdue_at is not null and api.is_open(n.status))::int - (b.overdue_at is not null and api.is_open(b.status))::int)) as d(slot, value)
    where s.operation_id = n.operation_id and s.kind = 'case' and d.slot is not null
    group by d.slot having sum(d.value) <> 0;
$$;
