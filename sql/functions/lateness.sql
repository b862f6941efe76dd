-- By how many seconds the work that is longest due is late, over all active operations; 0 when nothing is. A drill's seconds are brought to real ones.
create function api.lateness() returns double precision
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select coalesce(max(greatest(0, extract(epoch from c.at - least(
               (select min(e.next_at) from posko.escalation e where e.operation_id = o.id and e.next_at <= c.at),
               (select min(b.due_at) from posko.obligation b where b.operation_id = o.id and b.overdue_at is null and b.due_at <= c.at),
               (select min(d.due_at) from posko.directive d
                where d.operation_id = o.id and d.late_at is null and d.withdrawn_at is null and d.due_at <= c.at),
               (select min(coalesce(d.withdrawn_at, d.issued_at)) from posko.directive d where d.operation_id = o.id and d.state in ('sending', 'withdrawing'))))
           / greatest(coalesce(o.clock_speed, 1), 1))), 0)
    from posko.operation o cross join lateral (select api.clock(o) as at) c
    where o.state = 'active';
$$;
