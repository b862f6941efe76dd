-- Adds alarms to the counters of their places, or takes them out again (p_delta -1). The caller holds the operation's row.
create function api.count_alarms(o posko.operation, p_version bigint, p_alarms posko.alarm[], p_delta int) returns void
language plpgsql
as $$
begin
    perform api.roll_up(o.id, p_version, null, array_agg(a.node_id), array_agg(api.alarm_slot(s, a.kind)), array_agg(p_delta))
    from posko.subject s cross join unnest(p_alarms) as a
    where s.operation_id = o.id and s.kind = 'alarm' and api.alarm_slot(s, a.kind) is not null
    having count(*) > 0;
end;
$$;
