-- Counts alarms that were just opened and lets them climb, set-wise: a nation may open eighty thousand within a minute.
create function api.start_alarms(o posko.operation, p_version bigint, p_at timestamptz, p_alarms posko.alarm[]) returns void
language plpgsql
as $$
begin
    perform api.count_alarms(o, p_version, p_alarms, 1);
    with rule as ( -- the first that fits each kind, in the stage that its place is in; of a failing endpoint posko's own where the operation has none
        select distinct on (k.kind, k.utc_offset) k.kind, k.utc_offset, r.*
        from (select distinct a.kind, n.utc_offset from unnest(p_alarms) as a join posko.node n on n.id = a.node_id) k
        join posko.rule r on r.about = 'alarm' and (r.kinds is null or k.kind = any(r.kinds)) and r.severities is null
            and (r.stages is null or api.stage_at(o, k.utc_offset, p_at) = any(r.stages))
            and (r.operation_id is not distinct from (select max(m.operation_id) from posko.rule m where m.operation_id = o.id)
                 or k.kind = 'webhook' and r.operation_id is null)
            and r.version = (select max(m.version) from posko.rule m where m.operation_id is not distinct from r.operation_id)
        order by k.kind, k.utc_offset, r.operation_id, r.position
    ), ladder as materialized ( -- once for each level, not for each alarm
        select r.kind, r.utc_offset, l.level, r.name, r.repeats, r.repeat_after, r.quiet_after,
               coalesce((select jsonb_agg(s.step order by s.i) from jsonb_array_elements(r.steps) with ordinality as s(step, i)
                         where (s.step->>'tier')::int between o.root_level and greatest(o.root_level, least(l.level, 5))),
                        jsonb_build_array(jsonb_set(r.steps->0, '{tier}', to_jsonb(o.root_level)))) as steps
        from rule r
        join (select distinct a.kind, n.utc_offset, n.level from unnest(p_alarms) as a join posko.node n on n.id = a.node_id) l
            on l.kind = r.kind and l.utc_offset = r.utc_offset
    )
    insert into posko.escalation (subject_id, operation_id, node_id, about, rule, steps, repeats, repeat_after, quiet_after, state, next_at)
    select a.id, o.id, a.node_id, 'alarm', l.name, l.steps, l.repeats, l.repeat_after, l.quiet_after, 'climbing',
           case when a.missing * 100 / greatest(a.expected, 1) >= (l.steps->0->>'share')::int then p_at
                else p_at + make_interval(secs => (l.steps->0->>'after_s')::int) end
    from unnest(p_alarms) as a
    join posko.node n on n.id = a.node_id
    join ladder l on l.kind = a.kind and l.utc_offset = n.utc_offset and l.level = n.level;
    perform api.publish_alarms(o, p_version, 'alarm.raised', array(select a.id from unnest(p_alarms) as a), null);
end;
$$;
