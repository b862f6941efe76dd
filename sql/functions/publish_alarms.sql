-- Tells systems of alarms: what became of them, as they are now. p_fired_at: of those among them that a step was taken of then, with the step.
-- The alarms of kelurahan go by the lane of what is many: of a silent nation they are eighty thousand.
create function api.publish_alarms(o posko.operation, p_version bigint, p_type text, p_ids uuid[], p_fired_at timestamptz) returns void
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    at timestamptz := api.clock(o);
begin
    if not api.is_listened_to(o) then
        return;
    end if;
    perform api.publish(o, p_version, array_agg(row(p_type, a.node_id, 'alarm:' || a.id, case when a.kind in ('kota_diam', 'webhook') then 'escalation' else 'rest' end, at,
        jsonb_build_object('alarm', jsonb_build_object(
            'id', a.id, 'kind', a.kind, 'milestone', m.code, 'missing', a.missing, 'expected', a.expected, 'peak', a.peak, 'opened_at', a.opened_at,
            'acknowledged_at', a.acknowledged_at, 'closed_at', a.closed_at), 'step', w.step))::posko.news order by a.id, w.step))
    from posko.alarm a
    left join posko.milestone m on m.operation_id = a.operation_id and m.subject_id = a.subject_id
    left join lateral api.told_steps(a.id, p_fired_at) as w(step) on true
    where a.id = any(p_ids) and (p_fired_at is null or w.step is not null);
end;
$$;
