-- Takes a milestone out of a draft's day, for an admin who sets it up; see api.drop_milestone.
create function api.unplan_milestone(p_account int, p_seat int, p_operation int, p_code text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform api.kept_operation(p_account, p_seat, p_operation);
    return api.drop_milestone(p_operation, p_code);
end;
$$;
