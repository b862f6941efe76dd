-- Starts the climbing of an incident, alarm or directive by the first rule that fits: a copy, so that no later edit reaches it.
-- Tiers outside the operation's tree are left out, and so are those below the place itself. Answers the rule and the tier that it begins at.
-- The rules are those of the operation that a restricted lane restricts.
create function api.rise(o posko.operation, p_subject uuid, p_node int, p_about text, p_kind text, p_severity int, p_stage text, p_at timestamptz,
                         out rule posko.rule, out tier int)
language plpgsql
as $$
declare
    v_operation int := coalesce(o.restricts, o.id);
    v_level     int := (select least(n.level, 5) from posko.node n where n.id = p_node);
    v_steps     jsonb;
begin
    select r.* into rule
    from posko.rule r
    where r.operation_id is not distinct from (select max(m.operation_id) from posko.rule m where m.operation_id = v_operation)
      and r.version = (select max(m.version) from posko.rule m where m.operation_id is not distinct from r.operation_id)
      and r.about = p_about and (r.kinds is null or p_kind = any(r.kinds) or split_part(p_kind, '.', 1) = any(r.kinds))
      and (r.severities is null or p_severity = any(r.severities)) and (r.stages is null or p_stage = any(r.stages))
    order by r.position limit 1;
    if rule.name is null then
        raise 'no rule fits % % of severity % in the stage %', p_about, p_kind, p_severity, p_stage using errcode = 'PK411';
    end if;
    select jsonb_agg(s.step order by s.i) into v_steps
    from jsonb_array_elements(rule.steps) with ordinality as s(step, i)
    where (s.step->>'tier')::int between o.root_level and greatest(v_level, o.root_level);
    v_steps := coalesce(v_steps, jsonb_build_array(jsonb_set(rule.steps->0, '{tier}', to_jsonb(greatest(o.root_level, least(v_level, (rule.steps->0->>'tier')::int))))));
    tier := (v_steps->0->>'tier')::int;
    insert into posko.escalation (subject_id, operation_id, node_id, about, rule, steps, repeats, repeat_after, quiet_after, acknowledge_within,
                                  resolve_within, state, next_at)
    values (p_subject, o.id, p_node, p_about, rule.name, v_steps, rule.repeats, rule.repeat_after, rule.quiet_after, rule.acknowledge_within,
            rule.resolve_within, 'climbing', p_at + make_interval(secs => (v_steps->0->>'after_s')::int))
    on conflict (subject_id) do update
    set rule = excluded.rule, steps = excluded.steps, repeats = posko.escalation.round + excluded.repeats, repeat_after = excluded.repeat_after,
        quiet_after = excluded.quiet_after, acknowledge_within = excluded.acknowledge_within, resolve_within = excluded.resolve_within, round = posko.escalation.round + 1, step = 1, state = 'climbing',
        next_at = greatest(excluded.next_at, posko.escalation.held_until);
end;
$$;
