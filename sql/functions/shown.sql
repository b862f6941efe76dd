-- An incident as it is shown: with the names of places and people, and what its climbing does next. What it is a part of, or was merged into, is named
-- to whom sees that: run as them.
create function api.shown(i posko.incident)
returns table (id uuid, operation int, number int, place text, place_name text, region_name text, category text, severity text, alleged text, occurrence text, people int, summary text,
               status text, verification text, proof text, stage text, tier text, owner text, reports int, children int, opened_at timestamptz,
               acknowledge_by timestamptz, resolve_by timestamptz, acknowledged_at timestamptz, resolved_at timestamptz, closed_at timestamptz, overdue_at timestamptz,
               parent uuid, merged_into uuid, latitude double precision, longitude double precision, revote_kind text, revote_decider text, revote_by timestamptz,
               revote_on date, escalation text, next_at timestamptz, next_tier text, held_until timestamptz, version bigint, changed_at timestamptz, restricts int)
language sql stable
as $$
    select i.id, i.operation_id, i.number, i.place, n.name, above.name, i.category, (array['rendah', 'sedang', 'tinggi', 'kritis'])[i.severity],
           (array['rendah', 'sedang', 'tinggi', 'kritis'])[i.alleged], i.occurrence, i.people,
           i.summary, i.status, i.verification, i.proof, i.stage, api.level_name(i.tier), a.username, i.reports,
           (select count(*)::int from posko.incident c where c.parent_id = i.id and c.status not in ('digabung', 'batal')), i.opened_at, i.acknowledge_by, i.resolve_by, i.acknowledged_at, i.resolved_at,
           i.closed_at, i.overdue_at,
           (select p.id from posko.incident p where p.id = i.parent_id), (select p.id from posko.incident p where p.id = i.merged_into), i.latitude, i.longitude, i.revote_kind, i.revote_decider, i.revote_by, i.revote_on,
           e.state, e.next_at, api.level_name((e.steps->(e.step - 1)->>'tier')::int), e.held_until, i.version, i.changed_at, n.restricts
    from posko.node n
    left join posko.node above on above.id = n.parent_id
    left join posko.escalation e on e.subject_id = i.id
    left join posko.account a on a.id = i.owner_id
    where n.id = i.node_id;
$$;
