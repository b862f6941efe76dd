-- Gives a lease back before its time; nothing, when somebody else has it.
create function api.release_endpoint(p_endpoint int, p_lane text, p_fence int) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update posko.endpoint_lane set lease_until = null where endpoint_id = p_endpoint and lane = p_lane and fence = p_fence;
$$;
