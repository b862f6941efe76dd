-- An incident that became more or less serious, or another thing altogether, climbs by the rule for what it is now. Its hours run from now;
-- who had accepted it has accepted it.
create function api.climb_anew(o posko.operation, i posko.incident, n posko.incident, p_at timestamptz) returns void
language plpgsql
as $$
declare
    w record;
    e posko.escalation;
begin
    if (i.category, i.severity) = (n.category, n.severity) or not api.is_open(n.status) then
        return;
    end if;
    select * into e from posko.escalation where subject_id = i.id;
    select * into w from api.rise(o, i.id, i.node_id, 'incident', n.category, n.severity, i.stage, p_at);
    if e.state = 'accepted' then
        update posko.escalation set state = 'accepted', next_at = p_at + quiet_after where subject_id = i.id;
    end if;
    update posko.incident
    set acknowledge_by = case when acknowledged_at is null then p_at + (w.rule).acknowledge_within else acknowledge_by end,
        resolve_by = p_at + (w.rule).resolve_within
    where id = i.id;
end;
$$;
