-- Tells a system no more. What waits is dropped; what was sent stays on record, its keys do not.
create function api.remove_endpoint(p_account int, p_seat int, p_endpoint int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    e  posko.endpoint := api.kept_endpoint(p_account, p_seat, p_endpoint);
    at timestamptz := posko.now();
begin
    update posko.endpoint set removed_at = at, removed_by = p_account where id = e.id;
    perform from posko.delivery_key where endpoint_id = e.id order by key for update;
    update posko.delivery set state = 'dropped', why = 'the endpoint was removed', ended_at = at where endpoint_id = e.id and state in ('pending', 'parked');
    delete from posko.delivery_key where endpoint_id = e.id;
    delete from posko.endpoint_key where endpoint_id = e.id;
end;
$$;
