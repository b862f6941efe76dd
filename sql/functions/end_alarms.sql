-- Takes alarms that were just closed out of the counts and stops their climbing.
create function api.end_alarms(o posko.operation, p_version bigint, p_alarms posko.alarm[]) returns void
language plpgsql
as $$
begin
    update posko.escalation set state = 'stopped', next_at = null where subject_id in (select a.id from unnest(p_alarms) as a);
    perform api.tell_ends(o, array(select a.id from unnest(p_alarms) as a));
    perform api.count_alarms(o, p_version, p_alarms, -1);
    perform api.publish_alarms(o, p_version, 'alarm.ended', array(select a.id from unnest(p_alarms) as a), null);
end;
$$;
