-- Notes of which endpoints so much waits that what comes is kept as dead letters, to be replayed: over p_most; and until half of it is gone.
create function api.check_endpoints(p_most int) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update posko.endpoint e set is_full = w.n > case when e.is_full then p_most / 2 else p_most end
    from posko.endpoint x
    cross join lateral (select count(*) as n from (select from posko.delivery d where d.endpoint_id = x.id and d.state in ('pending', 'parked') limit p_most + 1) l) w
    where x.removed_at is null and e.id = x.id and e.is_full <> (w.n > case when e.is_full then p_most / 2 else p_most end);
$$;
