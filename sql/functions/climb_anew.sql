-- An incident that became more or less serious, or another thing altogether, climbs by the rule for what it is now. Its hours run from now; who had
-- accepted it has accepted it. What is as grave as before goes on from where it is, and gains no time: else naming it anew would keep it from climbing.
-- Answers the incident with its new hours; what climbs is written here.
create function api.climb_anew(o posko.operation, i posko.incident, n posko.incident, p_at timestamptz) returns posko.incident
language plpgsql
as $$
declare
    w           record;
    e           posko.escalation; -- as it was
    v_is_as_grave bool;
begin
    if (i.category, i.severity) = (n.category, n.severity) or not api.is_open(n.status) then
        return n;
    end if;
    if n.severity > i.severity then
        update posko.escalation set held_until = null where subject_id = i.id; -- it was let rest as what it seemed to be
    end if;
    select * into e from posko.escalation where subject_id = i.id;
    v_is_as_grave := n.severity = i.severity and e.state in ('climbing', 'accepted');
    select * into w from api.rise(o, i.id, i.node_id, 'incident', n.category, n.severity, i.stage, p_at);
    if v_is_as_grave then
        update posko.escalation x set step = g.step, next_at = least(e.next_at, greatest(p_at + make_interval(secs => (x.steps->(g.step - 1)->>'after_s')::int), x.held_until))
        from (select coalesce(min(s.i) filter (where (s.step->>'tier')::int <= (e.steps->(e.step - 1)->>'tier')::int), max(s.i))::int as step
              from posko.escalation y cross join lateral jsonb_array_elements(y.steps) with ordinality as s(step, i) where y.subject_id = i.id) g
        where x.subject_id = i.id;
    end if;
    if e.state = 'accepted' then
        update posko.escalation set state = 'accepted' where subject_id = i.id;
    end if;
    if n.acknowledged_at is null then
        n.acknowledge_by := least(p_at + (w.rule).acknowledge_within, case when v_is_as_grave then n.acknowledge_by end);
    end if;
    n.resolve_by := least(p_at + (w.rule).resolve_within, case when v_is_as_grave then n.resolve_by end);
    return n;
end;
$$;
