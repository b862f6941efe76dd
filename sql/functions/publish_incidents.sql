-- Tells systems what was entered into the logs of incidents in this version: an event for each entry, with the incident as it is at the end of the version.
create function api.publish_incidents(o posko.operation, p_version bigint) returns void
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    if not api.is_listened_to(o) then
        return;
    end if;
    perform api.publish(o, p_version, array_agg(row('incident.' || t.type, i.node_id, 'incident:' || i.id, 'escalation', e.at,
        jsonb_build_object('incident', api.told_incident(changed.i), 'entry', jsonb_build_object(
            'seq', e.seq, 'action', e.action, 'from', e.from_status, 'to', e.to_status, 'channel', e.channel, 'said', e.said,
            'tier', (e.details->>'tier')::int, 'desk', e.details->>'desk')))::posko.news order by i.number, e.seq))
    -- Fenced (offset 0): first the few that changed, then their entries. Planned as one, while there were none, it read all there are for each action.
    from (select i from posko.incident i where i.operation_id = o.id and i.version = p_version offset 0) changed
    cross join lateral (select (changed.i).*) i
    cross join lateral (select * from posko.incident_entry e where e.incident_id = i.id and e.version = p_version offset 0) e
    cross join lateral (
        select case e.action when 'open' then 'opened' when 'step' then 'escalated' when 'vacant' then 'escalated' when 'quiet' then 'escalated'
                             when 'escalation' then 'escalated' when 'acknowledgement' then 'acknowledged' when 'handling' then 'handled'
                             when 'resolution' then 'resolved' when 'closure' then 'closed' when 'reopening' then 'reopened' when 'returned' then 'reopened'
                             when 'merge' then 'merged' when 'void' then 'voided' when 'withdrawn' then 'voided' when 'overdue' then 'overdue' else 'updated' end as type
    ) t;
end;
$$;
