-- The endpoints that a seat keeps, by id, or (p_removed) those that were taken away, whose history stays; null: both. With how it stands with each: what waits and since when, what nobody got, since when it fails, what it took last,
-- until when its breaker is open, its key's age.
create function api.endpoints_page(p_account int, p_seat int, p_operation int, p_endpoint int, p_removed boolean, p_after int, p_limit int)
returns table (id int, operation int, region text, cleared boolean, url text, description text, types text[], is_thin boolean, rate int, state text, state_why text, owner text,
               is_stopped boolean, added_at timestamptz, verified_at timestamptz, failing_since timestamptz, is_full boolean, sequence bigint, waiting int, parked int, dead int,
               key_made_at timestamptz, keys int,
               waiting_since timestamptz, delivered_at timestamptz, resting_until timestamptz, removed_at timestamptz, removed_by text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select e.id, e.operation_id, e.region_code, e.cleared, e.url, e.description, e.types, e.is_thin, e.rate, e.state, e.state_why, a.username, not api.may_be_told(e), e.added_at,
           e.verified_at, e.failing_since, e.is_full, e.sequence, w.waiting, w.parked, f.dead, k.made_at, k.n, w.since, t.at, l.until, e.removed_at, r.username
    from posko.endpoint e
    join posko.operation o on o.id = e.operation_id
    left join posko.account a on a.id = e.owner_id
    left join posko.account r on r.id = e.removed_by
    cross join lateral (select count(*) filter (where d.state = 'pending')::int as waiting, count(*) filter (where d.state = 'parked')::int as parked,
                               min(d.since) filter (where d.state = 'pending') as since
                        from posko.delivery d where d.endpoint_id = e.id and d.state in ('pending', 'parked')) w
    cross join lateral (select count(*)::int as dead from posko.delivery d where d.endpoint_id = e.id and d.state = 'dead') f
    cross join lateral (select max(x.made_at) as made_at, count(*)::int as n from posko.endpoint_key x where x.endpoint_id = e.id and (x.ends_at is null or x.ends_at > posko.now())) k
    left join lateral (select a.at from posko.attempt a where a.endpoint_id = e.id and a.status between 200 and 299 order by a.at desc limit 1) t on true
    cross join lateral (select max(x.open_at) filter (where x.trips > 0 and x.open_at > posko.now()) as until from posko.endpoint_lane x where x.endpoint_id = e.id) l
    where (p_removed is null or (e.removed_at is not null) = p_removed) and (p_operation is null or e.operation_id = p_operation) and (p_endpoint is null or e.id = p_endpoint) and e.id > p_after
      and api.keeps_endpoints(p_account, p_seat, o, e.region_code, e.cleared)
    order by e.id
    limit p_limit;
$$;
