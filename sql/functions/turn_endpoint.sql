-- An endpoint fails, or answers again: posko never gives it up by itself, but raises an alarm at its region's desk, one for all endpoints of that region, and
-- tells the others. Called by whoever settled what turned it; once too often does nothing. No row: nothing has turned.
create function api.turn_endpoint(p_endpoint int, p_is_failing boolean) returns table (operation int, version bigint, place text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o posko.operation;
    e posko.endpoint;
    v_version bigint;
begin
    select op.* into o from posko.endpoint x join posko.operation op on op.id = x.operation_id where x.id = p_endpoint for update of op;
    select * into e from posko.endpoint where id = p_endpoint for no key update;
    if (e.failing_since is not null) = p_is_failing or e.removed_at is not null then
        return;
    end if;
    update posko.endpoint
    set failing_since = case when p_is_failing then posko.now() end, answered_at = case when p_is_failing then answered_at else posko.now() end
    where id = e.id;
    v_version := api.count_failing(o.id, e.region_code);
    if v_version is null then
        return;
    end if;
    perform api.publish(o, v_version, array[row(case when p_is_failing then 'endpoint.failing' else 'endpoint.recovered' end, n.id, 'endpoint:' || e.id, 'escalation',
        api.clock(o), jsonb_build_object('endpoint', e.id, 'description', case when not e.cleared then e.description end))::posko.news])
    from posko.node n where n.operation_id = o.id and n.code = e.region_code;
    return query select o.id, v_version, e.region_code;
end;
$$;
