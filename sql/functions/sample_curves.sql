-- Takes a sample of an operation if one is due: a point for each region that has moved since the last, all as of one version, since one
-- statement sees one. Keeps the promises 3 (children sum to the parent in every sample), 7 (any worker may die in it, at any instant) and 11.
-- Due is each whole minute of the operation's clock, at most one a second of the wall's. No row: nothing was due.
-- A drill whose clock was set back forgets what comes later by it, p_limit points a call.
create function api.sample_curves(p_operation int, p_limit int) returns table (version bigint, points int)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
    o         posko.operation;
    c         posko.curve;
    at        timestamptz;
    v_wall    timestamptz := posko.now();
    v_version bigint;
    v_points  int;
begin
    select * into o from posko.operation where id = p_operation;
    at := case when o.state = 'closed' then api.on_clock(o, o.closed_at) else api.clock(o) end;
    if o.state = 'active' and not exists (select from posko.curve where operation_id = p_operation) then
        perform api.begin_curve(p_operation, at);
    end if;
    select * into c from posko.curve
    where operation_id = p_operation and looked_at <= v_wall - interval '1 second'
      and (next_at <= at or sampled_at > at or o.state = 'closed' and version < o.version)
    for update skip locked;
    if c.operation_id is null or o.state = 'draft' then
        return;
    end if;

    if c.sampled_at > at and o.state = 'active' then
        if api.forget_points(c, at, p_limit) = p_limit then
            return query select c.version, 0;
            return;
        end if;
        c.sampled_at := at - interval '1 microsecond';
        c.version := 0;
    end if;
    at := greatest(at, c.sampled_at + interval '1 microsecond'); -- the last sample of one that is closed

    -- Two sides of one snapshot: the version, and what had moved by then.
    with now_at as materialized (
        select version from posko.operation where id = p_operation
    ), moved as (
        insert into posko.curve_point (node_id, at, version, counters)
        select n.id, at, (select version from now_at), array(select coalesce(r.counters[s.slot], 0) from unnest(c.slots) with ordinality as s(slot, i) order by s.i)
        from posko.node n join posko.rollup r on r.node_id = n.id
        where n.operation_id = p_operation and n.level <= c.depth and n.level < 6 and r.version > c.version
        returning node_id
    )
    select (select version from now_at), count(*) into v_version, v_points from moved;

    if v_version > c.version and c.version > 0 and v_wall - c.looked_at > greatest(3 * api.curve_pace(o), interval '10 seconds') then
        insert into posko.curve_gap (operation_id, from_at, until_at) values (p_operation, c.sampled_at, at);
    end if;
    update posko.curve
    set version = v_version, sampled_at = at, looked_at = v_wall, next_at = date_trunc('minute', at) + interval '1 minute',
        thinned_until = api.thin_points(c, at)
    where operation_id = p_operation;
    return query select v_version, v_points;
end;
$$;
