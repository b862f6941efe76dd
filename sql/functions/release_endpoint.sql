-- Gives a lease back before its time, and what was under way with it: that is due at once for whoever comes next. Nothing, when somebody else has the lease.
create function api.release_endpoint(p_endpoint int, p_lane text, p_fence int, p_under_way bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update posko.endpoint_lane set lease_until = posko.now(), fence = fence + 1 where endpoint_id = p_endpoint and lane = p_lane and fence = p_fence;
    if found and p_under_way <> '{}' then
        update posko.delivery_key k set next_at = posko.now()
        from posko.delivery d
        where d.endpoint_id = p_endpoint and d.event_id = any(p_under_way) and k.endpoint_id = p_endpoint and k.key = d.key and k.next_at <> 'infinity';
    end if;
end;
$$;
