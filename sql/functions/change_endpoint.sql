-- Changes what an endpoint is told and where. Another address must answer a challenge before anything is sent there. What waits and is no longer for it
-- is dropped when its turn comes. Whoever changes it owns it from now on.
create function api.change_endpoint(p_account int, p_seat int, p_endpoint int, p_region text, p_cleared boolean, p_url text, p_description text, p_types text[],
                                    p_is_thin boolean, p_rate int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    e posko.endpoint := api.kept_endpoint(p_account, p_seat, p_endpoint);
    o posko.operation;
begin
    select * into o from posko.operation where id = e.operation_id;
    if not api.keeps_endpoints(p_account, p_seat, o, p_region, p_cleared) then
        raise 'this seat keeps no endpoints for %', p_region using errcode = 'PK403';
    elsif not exists (select from posko.node n where n.operation_id = o.id and n.code = p_region and n.level < 6) then
        raise 'there is no region % in operation %', p_region, o.id using errcode = 'PK405';
    end if;
    update posko.endpoint
    set region_code = p_region, cleared = p_cleared, url = p_url, description = p_description, types = p_types, is_thin = p_is_thin, rate = p_rate,
        owner_id = p_account, state = case when p_url = e.url then state else 'unverified' end, state_why = case when p_url = e.url then state_why end,
        verified_at = case when p_url = e.url then verified_at end
    where id = e.id;
    if p_url <> e.url then
        -- What was asked of the address before says nothing of this one.
        perform from posko.delivery_key where endpoint_id = e.id and key = 'challenge' for update;
        update posko.delivery set state = 'dropped', why = 'another URL by now', ended_at = posko.now()
        where endpoint_id = e.id and key = 'challenge' and state in ('pending', 'parked');
        delete from posko.delivery_key where endpoint_id = e.id and key = 'challenge';
    end if;
    -- Whoever delivers to the old address now has no right to any more: its challenge would be answered by the old one.
    update posko.endpoint_lane set fence = fence + 1, lease_until = null where endpoint_id = e.id and p_url <> e.url;
end;
$$;
