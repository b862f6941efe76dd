-- Tells systems of the desks below which a directive is overdue. p_fired_at: of those of which a step was taken then, with the step.
create function api.publish_late(o posko.operation, p_version bigint, p_type text, p_ids uuid[], p_fired_at timestamptz) returns void
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    at timestamptz := api.clock(o);
begin
    if not api.is_listened_to(o) then
        return;
    end if;
    perform api.publish(o, p_version, array_agg(row(p_type, l.node_id, 'directive:' || d.id, 'escalation', at,
        jsonb_build_object('directive', api.told_directive(d), 'late', jsonb_build_object('desk', n.code, 'missing', l.missing), 'step', w.step))::posko.news
        order by l.id, w.step))
    from posko.directive_late l
    join posko.directive d on d.id = l.directive_id
    join posko.node n on n.id = l.node_id
    left join lateral api.told_steps(l.id, p_fired_at) as w(step) on true
    where l.id = any(p_ids) and (p_fired_at is null or w.step is not null);
end;
$$;
