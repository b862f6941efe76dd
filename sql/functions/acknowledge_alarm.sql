-- Somebody looks into an alarm, and may say what they do: it climbs no further until it has been quiet for as long as its rule says. Once until it climbs
-- again, and by the tier that it has climbed to, or above: else a desk could hold it for ever, alone or with another. The same again, or without words,
-- answers as before.
-- The second wall: the seat is looked up here; an alarm beyond it answers as one that does not exist (PK406).
create function api.acknowledge_alarm(p_alarm uuid, p_account int, p_seat int, p_said text default null) returns table (version bigint, operation int, place text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o      posko.operation;
    a      posko.alarm;
    v_code text;
    v_level int;
    v_tier int;
    v_is_accepted bool;
    at     timestamptz;
begin
    select op.* into o from posko.alarm x join posko.operation op on op.id = x.operation_id where x.id = p_alarm for update of op;
    select * into a from posko.alarm where id = p_alarm;
    select n.code into v_code from posko.node n where n.id = a.node_id;
    v_level := api.seat_level(p_account, p_seat, array['operator', 'supervisor', 'admin', 'system'], o, v_code);
    if a.id is null or v_level is null then
        raise 'there is no alarm % here', p_alarm using errcode = 'PK406';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    elsif a.closed_at is not null then
        raise 'this alarm has closed' using errcode = 'PK411';
    end if;
    v_tier := api.alarm_tier(a.id);
    v_is_accepted := exists (select from posko.escalation e where e.subject_id = a.id and e.state = 'accepted');
    if v_is_accepted and a.acknowledged_by = p_account and coalesce(p_said, a.acknowledged_said) is not distinct from a.acknowledged_said then
        return query select a.version, o.id, v_code;
        return;
    elsif v_is_accepted then
        raise 'this alarm is accepted already' using errcode = 'PK411';
    elsif v_level > v_tier then
        raise 'this alarm has climbed: the % accepts it, or a tier above', api.level_name(v_tier) using errcode = 'PK411';
    end if;
    at := api.clock(o);
    update posko.operation set version = version + 1 where id = o.id;
    update posko.alarm set acknowledged_at = greatest(at, a.opened_at), acknowledged_by = p_account, acknowledged_said = p_said, version = o.version + 1 where id = a.id;
    update posko.escalation e
    set state = 'accepted', next_at = at + e.quiet_after,
        round = e.round + exists (select from posko.firing f where f.subject_id = e.subject_id and f.round = e.round and f.step = e.step)::int
    where e.subject_id = a.id;
    perform api.publish_alarms(o, o.version + 1, 'alarm.acknowledged', array[a.id], null);
    return query select o.version + 1, o.id, v_code;
end;
$$;
