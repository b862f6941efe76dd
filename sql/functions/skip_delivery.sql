-- Gives up a delivery that waits or is parked, so that what waits behind it goes.
create function api.skip_delivery(p_account int, p_seat int, p_endpoint int, p_event uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    e     posko.endpoint := api.kept_endpoint(p_account, p_seat, p_endpoint);
    v_at  timestamptz := posko.now();
    v_key text;
begin
    select d.key into v_key from posko.event v join posko.delivery d on d.endpoint_id = e.id and d.event_id = v.id where v.uid = p_event;
    if v_key is null then
        raise 'there is no delivery of % to endpoint %', p_event, e.id using errcode = 'PK406';
    end if;
    perform from posko.delivery_key where endpoint_id = e.id and key = v_key for update;
    update posko.delivery d set state = 'skipped', why = 'given up by hand', ended_at = v_at
    from posko.event v where v.uid = p_event and d.event_id = v.id and d.endpoint_id = e.id and d.state in ('pending', 'parked');
    if not found then
        raise 'this delivery has ended' using errcode = 'PK411';
    end if;
    perform api.advance_keys(e.id, array[v_key], v_at);
end;
$$;
