-- Changes what an endpoint is told and where. Another address must answer a challenge before anything is sent there. What waits and is no longer for it
-- is dropped when its turn comes. Whoever changes it owns it from now on.
create function api.change_endpoint(p_account int, p_seat int, p_endpoint int, p_region text, p_cleared boolean, p_url text, p_description text, p_types text[],
                                    p_is_thin boolean, p_rate int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    e posko.endpoint := api.kept_endpoint(p_account, p_seat, p_endpoint, true);
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
        verified_at = case when p_url = e.url then verified_at end,
        failing_since = case when p_url = e.url then failing_since end -- of another address nothing is known
    where id = e.id;
    if p_url <> e.url then
        perform api.drop_deliveries(e.id, 'challenge', 'another URL by now');
    end if;
    -- Whoever delivers to the old address now has no right to any more: its challenge would be answered by the old one.
    update posko.endpoint_lane set fence = fence + 1, lease_until = null where endpoint_id = e.id and p_url <> e.url;
    perform api.count_failing(e.operation_id, r) from unnest(array[e.region_code, p_region]) as r group by r order by r;
end;
$$;
