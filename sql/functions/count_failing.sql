-- Brings the alarm of a region's desk to how many of its endpoints fail by now: one for them all, opened, changed or closed. Answers the new version of the
-- operation; null when nothing changes. The caller holds the operation's row.
create function api.count_failing(p_operation int, p_region text) returns bigint
language plpgsql
as $$
declare
    o posko.operation;
    a posko.alarm;
    n posko.node;
    at timestamptz;
    v_failing int;
    v_all     int;
begin
    select * into o from posko.operation where id = p_operation and state = 'active';
    select * into n from posko.node where operation_id = o.id and code = p_region;
    select * into a from posko.alarm where node_id = n.id and kind = 'webhook' and closed_at is null;
    -- One that never was verified is not missed.
    select count(*) filter (where failing_since is not null), count(*) into v_failing, v_all
    from posko.endpoint where operation_id = o.id and region_code = p_region and removed_at is null and (verified_at is not null or failing_since is not null);
    if o.id is null or v_failing = coalesce(a.missing, 0) then
        return null;
    end if;
    at := api.clock(o);
    update posko.operation set version = version + 1 where id = o.id returning * into o;
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
    return o.version;
end;
$$;
