-- The incidents at and below a region that changed after a version, the first changed first: what a console asks when the version moves.
create function api.incident_changes(p_operation int, p_code text, p_since bigint, p_limit int) returns setof posko.incident
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    return query
    select i.* from posko.incident i
    where i.operation_id = p_operation and i.version > p_since
      and (p_code = 'ID' or i.place = p_code or i.place > p_code || '.' and i.place < p_code || '/')
    order by i.version
    fetch first p_limit rows with ties; -- a version is never cut
end;
$$;
