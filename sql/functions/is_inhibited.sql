-- Whether something bigger explains a subject for now, so that it climbs no further by itself: an outage over its area (maintenance holds
-- everything), the alarm of the silent kota that it lies in, the open incident, no less grave, that it is a child of.
create function api.is_inhibited(e posko.escalation, p_at timestamptz) returns boolean
language sql stable
as $$
    select exists (
               select from posko.node n join posko.outage u on u.node_id = any(n.path)
               where n.id = e.node_id and u.ended_at is null and u.until > p_at and (e.about = 'alarm' or u.kind = 'pemeliharaan'))
        or e.about = 'alarm' and exists (
               select from posko.alarm a join posko.node n on n.id = a.node_id
               join posko.alarm k on k.node_id = any(n.path) and k.kind = 'kota_diam' and k.subject_id = a.subject_id and k.closed_at is null
               where a.id = e.subject_id and a.kind = 'belum_lapor')
        or e.about = 'incident' and exists (
               select from posko.incident i join posko.incident p on p.id = i.parent_id
               where i.id = e.subject_id and api.is_open(p.status) and p.severity >= i.severity);
$$;
