-- Begins the curve of an operation: of all its regions while they are 5,000 at most, else of kecamatan and above.
create function api.begin_curve(p_operation int, p_at timestamptz) returns void
language sql
as $$
    insert into posko.curve (operation_id, names, slots, depth, sampled_at, next_at, looked_at, thinned_until)
    select p_operation, k.names, k.slots,
           case when (select count(*) from posko.node n where n.operation_id = p_operation and n.level < 6) <= 5000 then 5 else 3 end,
           p_at - interval '1 microsecond', p_at, posko.now() - interval '1 hour', date_bin('15 minutes', p_at, timestamptz '2000-01-01 00:00+00')
    from (select array_agg(name order by slot) as names, array_agg(slot order by slot) as slots from api.curve_counters(p_operation)) k
    where k.names is not null
    on conflict do nothing;
$$;
