-- Those of these climbings that something bigger explains for now, so that they climb no further by themselves: an outage over their area
-- (maintenance holds everything), the alarm of the silent kota that they lie in (while that has somewhere to go), the open incident, no less
-- grave, that they are a child of.
create function api.inhibited(p_ids uuid[], p_at timestamptz) returns setof uuid
language sql stable
as $$
    select e.subject_id
    from posko.escalation e join posko.node n on n.id = e.node_id
    where e.subject_id = any(p_ids) and (
        exists (
            select from posko.outage u
            where u.operation_id = e.operation_id and u.node_id = any(n.path) and u.ended_at is null and u.until > p_at
              and (e.about = 'alarm' or u.kind = 'pemeliharaan'))
        or e.about = 'alarm' and exists (
            select from posko.alarm a
            join posko.alarm k on k.node_id = any(n.path) and k.kind = 'kota_diam' and k.subject_id = a.subject_id and k.closed_at is null
            join posko.escalation w on w.subject_id = k.id and w.state in ('climbing', 'accepted')
            where a.id = e.subject_id and a.kind = 'belum_lapor')
        or e.about = 'incident' and exists (
            select from posko.incident i join posko.incident p on p.id = i.parent_id
            where i.id = e.subject_id and api.is_open(p.status) and p.severity >= coalesce(i.alleged, i.severity)));
$$;
