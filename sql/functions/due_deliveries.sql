-- What whoever holds the lease is to deliver now: the first of each key that is due, which is not due again before the lease ends. Renews the lease.
-- What has waited for 72 hours is dead, what is no longer for the endpoint dropped: looked at here, so that nothing leaves that may not. No row: the
-- lease is lost, or nothing is due. An endpoint that fails is probed with one.
create function api.due_deliveries(p_endpoint int, p_lane text, p_fence int, p_limit int, p_lease interval)
returns table (event bigint, id uuid, type text, key text, at timestamptz, version bigint, operation int, is_drill boolean, is_restricted boolean, place text, place_name text,
               sequence bigint, attempts int, failures int, since timestamptz, data json)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
    now    timestamptz := posko.now();
    e      posko.endpoint;
    l      posko.endpoint_lane;
    v_keys text[];
    v_gone text[];
begin
    update posko.endpoint_lane x set lease_until = now + p_lease
    where x.endpoint_id = p_endpoint and x.lane = p_lane and x.fence = p_fence and x.lease_until is not null
    returning x.* into l;
    select x.* into e from posko.endpoint x where x.id = p_endpoint;
    if l.endpoint_id is null or l.open_at > now or e.removed_at is not null or e.state not in ('active', 'unverified') or not api.may_be_told(e) then
        return;
    end if;
    v_keys := array(
        select k.key from posko.delivery_key k
        where k.endpoint_id = e.id and k.lane = p_lane and k.next_at <= now and (e.state = 'active' or k.key = 'challenge')
        order by k.next_at, k.key limit case when l.failures >= 5 then 1 else p_limit end for update skip locked);
    if v_keys = '{}' then
        return;
    end if;
    with first as (
        select h.event_id, h.key, h.since
        from unnest(v_keys) as w(key)
        cross join lateral (select d.event_id, d.key, d.since from posko.delivery d where d.endpoint_id = e.id and d.key = w.key and d.state in ('pending', 'parked')
                            order by d.event_id limit 1) h
    ), judged as (
        select f.event_id, f.key, f.since + interval '72 hours' <= now as is_dead
        from first f join posko.event v on v.id = f.event_id join posko.node n on n.id = v.node_id join posko.operation o on o.id = v.operation_id
        where f.since + interval '72 hours' <= now
           or not api.covers(array[e.region_code], n.code) or o.restricts is not null and not e.cleared
           or f.key not in ('challenge', 'test') and not api.wants(e.types, v.type)
    ), gone as (
        update posko.delivery d
        set state = case when j.is_dead then 'dead' else 'dropped' end, why = case when j.is_dead then 'not delivered in 72 hours' else 'no longer for this endpoint' end, ended_at = now
        from judged j where d.endpoint_id = e.id and d.event_id = j.event_id
        returning d.key
    )
    select array_agg(g.key) into v_gone from gone g;
    if v_gone is not null then
        perform api.advance_keys(e.id, v_gone, now);
    end if;
    return query
    with taken as (
        update posko.delivery_key k set next_at = now + p_lease
        from unnest(v_keys) as w(key) where k.endpoint_id = e.id and k.key = w.key and k.key <> all (coalesce(v_gone, '{}'))
        returning k.key
    )
    select v.id, v.uid, v.type, v.key, v.at, v.version, coalesce(o.restricts, o.id), o.mode = 'drill', o.restricts is not null, n.code, n.name, h.sequence, h.attempts::int,
           h.failures::int, h.since, api.told_within(e.region_code, v.data)::json
    from taken t
    cross join lateral (select d.* from posko.delivery d where d.endpoint_id = e.id and d.key = t.key and d.state in ('pending', 'parked') order by d.event_id limit 1) h
    join posko.event v on v.id = h.event_id
    join posko.node n on n.id = v.node_id
    join posko.operation o on o.id = v.operation_id
    where h.state = 'pending'
    order by v.id;
end;
$$;
