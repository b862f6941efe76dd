-- An incident that nobody has touched is what its live reports say: as grave as the gravest of them, and void when none is left (whoever filed
-- one and takes it back needs no second person for that); it returns when there is one again. The caller holds the operation's row, and counts it.
create function api.refold_incident(o posko.operation, p_version bigint, p_at timestamptz, p_incident uuid) returns void
language plpgsql
as $$
declare
    i posko.incident;
    n posko.incident;
    w record;
begin
    select * into i from posko.incident where id = p_incident;
    if not api.follows_reports(i) then
        return;
    end if;
    select r.id, array_position(r.vals, 1) as severity, coalesce(c.body->'content'->'replacement', c.body->'content') as said
    into w
    from posko.incident_report p
    join posko.report r on r.id = p.report_id
    cross join lateral (select r.body::jsonb as body) c
    where p.incident_id = i.id and not exists (select from posko.report x where x.corrects = r.id and x.node_id = r.node_id)
    order by 2 desc, r.id limit 1;
    n := i;
    if w.id is null and i.status = 'baru' then
        n.status := 'batal';
        perform api.enter(i, p_version, p_at, null, 'posko', 'withdrawn', 'batal', null, null);
        update posko.incident set status = 'batal', overdue_at = null where id = i.id;
        update posko.escalation set state = 'stopped', next_at = null where subject_id = i.id;
        perform api.tell_ends(o, array[i.id]);
    elsif w.id is not null and (i.status = 'batal' or (w.severity, w.said->>'category') is distinct from (i.severity::int, i.category)) then
        n.severity := w.severity;
        n.category := w.said->>'category';
        n.status := 'baru';
        perform api.enter(i, p_version, p_at, null, 'posko', case when i.status = 'batal' then 'returned' else 'corrected' end, 'baru', null,
                          json_build_object('category', n.category, 'severity', w.said->>'severity', 'report', w.id));
        if i.status = 'batal' then
            i.category := ''; -- it climbs anew whatever it was
        end if;
        n := api.climb_anew(o, i, n, p_at);
        update posko.incident
        set status = 'baru', severity = n.severity, peak = n.peak, category = n.category, summary = w.said->>'text', acknowledge_by = n.acknowledge_by, resolve_by = n.resolve_by,
            overdue_at = case when p_at >= n.acknowledge_by then overdue_at end
        where id = i.id;
    end if;
end;
$$;
