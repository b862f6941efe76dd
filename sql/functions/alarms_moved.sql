-- Standing alarms of silence that are not as they should be at a moment (p_ids null: of all, else of these): what is missing now, whether they are
-- over (nothing is missing; of a kota: it has spoken), whether their next step comes at once because of how much is missing.
create function api.alarms_moved(p_operation int, p_at timestamptz, p_ids uuid[]) returns table (alarm_id uuid, missing int, is_over boolean, is_hurried boolean)
language sql stable
as $$
    select a.id, c.missing, w.is_over, w.is_hurried
    from posko.alarm a
    join posko.subject s on s.operation_id = a.operation_id and s.id = a.subject_id
    join posko.rollup r on r.node_id = a.node_id
    left join posko.escalation e on e.subject_id = a.id -- none where no rule is about such alarms
    cross join lateral (select coalesce(r.counters[s.base + 5], 0) as missing) c
    cross join lateral (
        select c.missing = 0 or a.kind = 'kota_diam' and c.missing * 100 < a.expected * 40 as is_over,
               coalesce(e.state = 'climbing' and e.next_at > p_at and c.missing * 100 >= greatest(a.expected, c.missing) * (e.steps->(e.step - 1)->>'share')::int
                        and coalesce(e.held_until <= p_at, true) and not api.is_inhibited(e, p_at), false) as is_hurried
    ) w
    where a.operation_id = p_operation and a.closed_at is null and (p_ids is null or a.id = any(p_ids))
      and (c.missing <> a.missing or w.is_over or w.is_hurried);
$$;
