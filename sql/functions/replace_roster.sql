-- Replaces the TPS of a draft operation by the owner's roster, all or nothing, for an admin who sets it up; how many there are now.
create function api.replace_roster(p_account int, p_seat int, p_operation int, p_rows json) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    v_made int;
begin
    perform api.kept_operation(p_account, p_seat, p_operation);
    perform api.lock_draft(p_operation); -- before the work of staging
    perform api.stage_tps(p_rows);
    v_made := api.load_roster(p_operation, false);
    analyze posko.node, posko.tps, posko.rollup;
    return v_made;
end;
$$;
