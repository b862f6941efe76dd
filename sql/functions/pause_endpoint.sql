-- Holds an endpoint's deliveries, or lets them go again (p_is_paused false; also one that had said it is gone, if it was verified).
create function api.pause_endpoint(p_account int, p_seat int, p_endpoint int, p_is_paused boolean, p_why text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    e posko.endpoint := api.kept_endpoint(p_account, p_seat, p_endpoint);
begin
    if p_is_paused and e.state not in ('active', 'paused') or not p_is_paused and e.verified_at is null then
        raise 'endpoint % is %', e.id, e.state using errcode = 'PK411';
    end if;
    update posko.endpoint set state = case when p_is_paused then 'paused' else 'active' end, state_why = p_why where id = e.id;
    update posko.endpoint_lane set open_at = posko.now(), failures = 0, trips = 0 where endpoint_id = e.id and not p_is_paused;
end;
$$;
