-- How the service is, in one row: the clock, how large the database is, how late what is due is; what waits for systems and people that this seat keeps, since when, and
-- what did not get through. Nobody is told by a number of what lies beyond their seat. Keeps promise 9.
create function api.condition(p_account int, p_seat int)
returns table (at timestamptz, bytes bigint, late_s double precision, webhooks_endpoints int, webhooks_failing int, webhooks_failing_since timestamptz, webhooks_waiting int,
               webhooks_waiting_since timestamptz, webhooks_parked int, webhooks_dead int, messages_waiting int, messages_waiting_since timestamptz, messages_failed int,
               messages_failed_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    with kept as (
        select e.id, e.failing_since
        from posko.endpoint e join posko.operation o on o.id = e.operation_id
        where e.removed_at is null and api.keeps_endpoints(p_account, p_seat, o, e.region_code, e.cleared)
    ), hooks as (
        select count(*)::int as endpoints, count(k.failing_since)::int as failing, min(k.failing_since) as failing_since, coalesce(sum(w.waiting), 0)::int as waiting,
               min(w.since) as since, coalesce(sum(w.parked), 0)::int as parked, coalesce(sum(f.dead), 0)::int as dead
        from kept k
        cross join lateral (select count(*) filter (where d.state = 'pending') as waiting, count(*) filter (where d.state = 'parked') as parked,
                                   min(d.since) filter (where d.state = 'pending') as since
                            from posko.delivery d where d.endpoint_id = k.id and d.state in ('pending', 'parked')) w
        cross join lateral (select count(*) as dead from posko.delivery d where d.endpoint_id = k.id and d.state = 'dead') f
    ), told as (
        select m.state, m.notice_id, count(*) as n, min(m.created_at) as first_at, max(m.created_at) as last_at
        from posko.message m
        where m.state = 'pending' or m.state = 'failed' and m.created_at >= posko.now() - interval '24 hours'
        group by m.state, m.notice_id
    ), said as (
        select coalesce(sum(t.n) filter (where t.state = 'pending'), 0)::int as waiting, min(t.first_at) filter (where t.state = 'pending') as since,
               coalesce(sum(t.n) filter (where t.state = 'failed'), 0)::int as failed, max(t.last_at) filter (where t.state = 'failed') as failed_at
        from told t
        join posko.notice n on n.id = t.notice_id
        join posko.node p on p.id = n.node_id
        join posko.operation o on o.id = n.operation_id
        where api.keeps_contacts(p_account, p_seat, coalesce(o.restricts, o.id), p.code, o.restricts is not null)
    )
    select posko.now(), pg_database_size(current_database()), api.lateness(), h.endpoints, h.failing, h.failing_since, h.waiting, h.since, h.parked, h.dead, s.waiting, s.since,
           s.failed, s.failed_at
    from hooks h cross join said s;
$$;
