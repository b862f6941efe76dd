-- Tells a system no more. What waits is dropped, its keys are forgotten; the record of what was sent stays readable.
create function api.remove_endpoint(p_account int, p_seat int, p_endpoint int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    e posko.endpoint := api.kept_endpoint(p_account, p_seat, p_endpoint, true);
begin
    update posko.endpoint set removed_at = posko.now(), removed_by = p_account where id = e.id;
    perform api.drop_deliveries(e.id, null, 'the endpoint was removed');
    delete from posko.endpoint_key where endpoint_id = e.id;
    perform api.count_failing(e.operation_id, e.region_code);
end;
$$;
