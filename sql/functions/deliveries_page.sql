-- Deliveries to an endpoint that a seat keeps, or would if it were not removed, the last event first, filtered by whatever is not null; p_after is the last one
-- seen. In the order of events, which is that of the endpoint's sequence (api.publish), and has an index.
-- Of what it was told while it was for more than it is now, only what the seat itself keeps endpoints for. Keeps promise 9.
create function api.deliveries_page(p_account int, p_seat int, p_endpoint int, p_states text[], p_type text, p_event uuid, p_since timestamptz, p_until timestamptz,
                                    p_after uuid, p_limit int)
returns table (id uuid, sequence bigint, type text, key text, lane text, region text, at timestamptz, state text, why text, attempts int, is_replayed boolean, ended_at timestamptz,
               next_at timestamptz, data json)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select v.uid, d.sequence, v.type, v.key, d.lane, n.code, v.at, d.state, d.why, d.attempts::int, d.is_replayed, d.ended_at,
           case when d.state = 'pending' then nullif(k.next_at, 'infinity') end, case when p_event is not null then api.told_within(e.region_code, v.data)::json end
    from posko.endpoint e
    join posko.operation o on o.id = e.operation_id
    join posko.delivery d on d.endpoint_id = e.id
    join posko.event v on v.id = d.event_id
    join posko.node n on n.id = v.node_id
    join posko.operation vo on vo.id = v.operation_id
    left join posko.delivery_key k on k.endpoint_id = e.id and k.key = d.key
    where e.id = p_endpoint and api.keeps_endpoints(p_account, p_seat, o, e.region_code, e.cleared)
      and (p_states is null or d.state = any(p_states)) and (p_type is null or api.wants(array[p_type], v.type)) and (p_event is null or v.uid = p_event)
      and (p_since is null or v.at >= p_since) and (p_until is null or v.at < p_until) and (p_after is null or d.event_id < (select x.id from posko.event x where x.uid = p_after))
      and (api.covers(array[e.region_code], n.code) and (vo.restricts is null or e.cleared)
           or api.keeps_endpoints(p_account, p_seat, vo, n.code, vo.restricts is not null))
    order by d.event_id desc
    limit p_limit;
$$;
