-- Replaces the contests of a draft, for an admin who sets it up; see api.set_contests.
create function api.plan_contests(p_account int, p_seat int, p_operation int, p_contests json) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform api.kept_operation(p_account, p_seat, p_operation);
    return api.set_contests(p_operation, p_contests);
end;
$$;
