-- How far an operation's curve has come: what it keeps, how deep, when it was sampled last, what time it is now, how often it is sampled, and
-- where nobody did (the last 500 times). Times are on the operation's clock. No row: it was never sampled. Read by whom sees the operation.
create function api.curve_state(p_operation int)
returns table (names text[], depth smallint, version bigint, sampled_at timestamptz, clock timestamptz, pace_s double precision, gap_from timestamptz[], gap_until timestamptz[])
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select c.names, c.depth, c.version, c.sampled_at,
           case when o.state = 'closed' then api.on_clock(o, o.closed_at) else api.clock(o) end, extract(epoch from api.curve_pace(o))::double precision,
           g.began, g.ended
    from posko.curve c
    join posko.operation o on o.id = c.operation_id
    cross join lateral (
        select coalesce(array_agg(w.from_at order by w.until_at), '{}') as began, coalesce(array_agg(w.until_at order by w.until_at), '{}') as ended
        from (select * from posko.curve_gap where operation_id = p_operation order by until_at desc limit 500) w
    ) g
    where c.operation_id = p_operation;
$$;
