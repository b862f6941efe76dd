-- Brings keys to what waits first in them now: due at p_at, or never while it is parked; a key that nothing waits in goes. The caller holds the rows of the keys.
create function api.advance_keys(p_endpoint int, p_keys text[], p_at timestamptz) returns void
language sql
as $$
    with first as materialized (
        select k.key, (select d.state from posko.delivery d where d.endpoint_id = p_endpoint and d.key = k.key and d.state in ('pending', 'parked')
                       order by d.event_id limit 1) as state
        from unnest(p_keys) as k(key)
    ), gone as (
        delete from posko.delivery_key k using first f where k.endpoint_id = p_endpoint and k.key = f.key and f.state is null
    )
    update posko.delivery_key k set next_at = case f.state when 'parked' then 'infinity' else p_at end
    from first f where k.endpoint_id = p_endpoint and k.key = f.key and f.state is not null;
$$;
