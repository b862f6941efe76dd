-- An endpoint fails, or answers again: posko never gives it up by itself, but raises an alarm at its region's desk, one for all endpoints of that region, and
-- tells the others. Called by whoever settled what turned it; once too often does nothing. No row: nothing has turned.
create function api.turn_endpoint(p_endpoint int, p_is_failing boolean) returns table (operation int, version bigint, place text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o        posko.operation;
    e        posko.endpoint;
    a        posko.alarm;
    n        posko.node;
    at       timestamptz;
    v_failing int;
    v_all     int;
begin
    select op.* into o from posko.endpoint x join posko.operation op on op.id = x.operation_id where x.id = p_endpoint for update of op;
    select * into e from posko.endpoint where id = p_endpoint for no key update;
    if (e.failing_since is not null) = p_is_failing or e.removed_at is not null then
        return;
    end if;
    update posko.endpoint
    set failing_since = case when p_is_failing then posko.now() end, answered_at = case when p_is_failing then answered_at else posko.now() end
    where id = e.id;
    if o.state <> 'active' then
        return;
    end if;
    at := api.clock(o);
    select * into n from posko.node where operation_id = o.id and code = e.region_code;
    select count(*) filter (where failing_since is not null), count(*) into v_failing, v_all
    from posko.endpoint where operation_id = o.id and region_code = e.region_code and removed_at is null;
    update posko.operation set version = version + 1 where id = o.id returning * into o;
    select * into a from posko.alarm where node_id = n.id and kind = 'webhook' and closed_at is null;
    if a.id is null then
        insert into posko.alarm (operation_id, node_id, kind, missing, expected, peak, opened_at, version)
        values (o.id, n.id, 'webhook', v_failing, v_all, v_failing, at, o.version) returning * into a;
        perform api.start_alarms(o, o.version, at, array[a]);
    else
        update posko.alarm set missing = v_failing, expected = greatest(v_all, v_failing), peak = greatest(peak, v_failing), version = o.version,
                               closed_at = case when v_failing = 0 then greatest(at, opened_at) end
        where id = a.id returning * into a;
        if a.closed_at is not null then
            perform api.end_alarms(o, o.version, array[a]);
        end if;
    end if;
    perform api.publish(o, o.version, array[case when p_is_failing then 'endpoint.failing' else 'endpoint.recovered' end], array[n.id], array['endpoint:' || e.id],
                        array['escalation'], array[at], array[jsonb_build_object('endpoint', e.id, 'description', case when not e.cleared then e.description end)]);
    return query select o.id, o.version, n.code;
end;
$$;
