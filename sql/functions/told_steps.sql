-- The steps of a climbing that were taken at one moment, as systems are told of them: posko.webhooks.told.StepTold.
create function api.told_steps(p_subject uuid, p_fired_at timestamptz) returns setof jsonb
language sql stable
as $$
    select jsonb_build_object('round', f.round, 'step', f.step, 'tier', d.level, 'desk', d.code, 'outcome', f.outcome)
    from posko.firing f join posko.node d on d.id = f.node_id
    where f.subject_id = p_subject and f.fired_at = p_fired_at
    order by f.round, f.step;
$$;
