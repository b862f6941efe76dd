-- An incident that became more or less serious, or another thing altogether, climbs by the rule for what it is now. Its hours run from now;
-- who had accepted it has accepted it. Answers the incident with its new hours; what climbs is written here.
create function api.climb_anew(o posko.operation, i posko.incident, n posko.incident, p_at timestamptz) returns posko.incident
language plpgsql
as $$
declare
    w       record;
    v_state text;
begin
    if (i.category, i.severity) = (n.category, n.severity) or not api.is_open(n.status) then
        return n;
    end if;
    if n.severity > i.severity then
        update posko.escalation set held_until = null where subject_id = i.id; -- it was let rest as what it seemed to be
    end if;
    select state into v_state from posko.escalation where subject_id = i.id;
    select * into w from api.rise(o, i.id, i.node_id, 'incident', n.category, n.severity, i.stage, p_at);
    if v_state = 'accepted' then
        update posko.escalation set state = 'accepted' where subject_id = i.id;
    end if;
    if n.acknowledged_at is null then
        n.acknowledge_by := p_at + (w.rule).acknowledge_within;
    end if;
    n.resolve_by := p_at + (w.rule).resolve_within;
    return n;
end;
$$;
