-- Standing alarms of silence of which more or fewer are missing than they say (p_ids null: of all, else of these): what is missing now, whether
-- they are over (nothing is missing; of a kota: it has spoken), whether their next step comes at once because that many are missing now.
-- What stands unchanged costs a look at its counter and nothing else: a nation may have eighty thousand.
create function api.alarms_moved(p_operation int, p_at timestamptz, p_ids uuid[]) returns table (alarm_id uuid, missing int, is_over boolean, is_hurried boolean)
language sql stable
as $$
    with moved as materialized (
        select a.id, a.kind, a.missing as was, greatest(a.expected, c.missing) as expected, c.missing
        from posko.alarm a
        join posko.subject s on s.operation_id = a.operation_id and s.id = a.subject_id
        join posko.rollup r on r.node_id = a.node_id
        cross join lateral (select coalesce(r.counters[s.base + 5], 0) as missing) c
        where a.operation_id = p_operation and a.closed_at is null and (p_ids is null or a.id = any(p_ids)) and c.missing <> a.missing
    )
    select m.id, m.missing, m.missing = 0 or m.kind = 'kota_diam' and m.missing * 100 < m.expected * 40,
           m.missing > m.was and exists (
               select from posko.escalation e
               where e.subject_id = m.id and e.state = 'climbing' and e.next_at > p_at and coalesce(e.held_until <= p_at, true)
                 and m.missing * 100 >= m.expected * (e.steps->(e.step - 1)->>'share')::int)
    from moved m;
$$;
