-- Ends an active operation, for an admin who sets it up; see api.close. Opening it again wants two persons (api.reopen).
create function api.end_operation(p_account int, p_seat int, p_operation int) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform api.kept_operation(p_account, p_seat, p_operation);
    return api.close(p_operation);
end;
$$;
