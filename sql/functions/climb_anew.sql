-- An incident that became more or less serious, or another thing altogether, climbs by the rule for what it is now; what a report alleges and nobody
-- has judged counts as said. Graver than it ever was it begins anew; as grave again as it was before, it takes the next step at once: whoever lowers
-- and raises it again and again gains nothing. Else it goes on from where it is, and its next step comes no later than it was due. Its hours are those of the rule, from when they began; naming it anew, or graver
-- than ever, they are no longer than they were. Who had accepted it has accepted it, unless a report alleges more.
-- Answers the incident with its new hours; what climbs is written here.
create function api.climb_anew(o posko.operation, i posko.incident, n posko.incident, p_at timestamptz) returns posko.incident
language plpgsql
as $$
declare
    w          record;
    e          posko.escalation; -- as it was
    x          posko.escalation; -- as it is
    v_was      int := coalesce(i.alleged, i.severity);
    v_is       int := coalesce(n.alleged, n.severity);
    v_is_peak  bool := v_is > greatest(i.peak, v_was);
    v_is_taken bool;
begin
    if (i.category, v_was) = (n.category, v_is) or not api.is_open(n.status) then
        return n;
    end if;
    if v_is > v_was then
        update posko.escalation set held_until = null where subject_id = i.id; -- it was let rest as what it seemed to be
    end if;
    select * into e from posko.escalation where subject_id = i.id;
    select * into w from api.rise(o, i.id, i.node_id, 'incident', n.category, v_is, i.stage, p_at);
    select * into x from posko.escalation where subject_id = i.id;
    v_is_taken := e.state = 'accepted' and (n.alleged is null or n.alleged = i.alleged);
    if not v_is_peak and (v_is > v_was or e.state in ('climbing', 'accepted')) then
        select coalesce(min(s.i) filter (where v_is > v_was and (s.step->>'tier')::int < i.tier),
                        min(s.i) filter (where (s.step->>'tier')::int <= (e.steps->(e.step - 1)->>'tier')::int), max(s.i)) into x.step
        from jsonb_array_elements(x.steps) with ordinality as s(step, i);
        x.next_at := case when v_is > v_was then p_at
                          else least(e.next_at, greatest(p_at + make_interval(secs => (x.steps->(x.step - 1)->>'after_s')::int), x.held_until)) end;
    end if;
    if v_is_taken then
        x.state := 'accepted';
        x.next_at := least(e.next_at, greatest(p_at + x.quiet_after, x.held_until));
    end if;
    update posko.escalation set state = x.state, step = x.step, next_at = x.next_at where subject_id = i.id;
    if n.acknowledged_at is null then
        n.acknowledge_by := case when i.status = 'batal' then p_at + x.acknowledge_within
                                 when v_is_peak or v_is = v_was then least(i.acknowledge_by, p_at + x.acknowledge_within)
                                 else i.acknowledge_by - e.acknowledge_within + x.acknowledge_within end;
    end if;
    n.resolve_by := case when i.status = 'batal' then p_at + x.resolve_within
                         when v_is_peak or v_is = v_was then least(i.resolve_by, p_at + x.resolve_within)
                         else i.resolve_by - e.resolve_within + x.resolve_within end;
    n.peak := greatest(i.peak, v_was, v_is);
    return n;
end;
$$;
