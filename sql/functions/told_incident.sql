-- An incident as systems are told of it: posko.webhooks.told.IncidentTold. Nobody's name, beyond what its summary says.
create function api.told_incident(i posko.incident) returns jsonb
language sql stable
as $$
    select jsonb_build_object(
        'id', i.id, 'number', i.number, 'category', i.category, 'severity', (array['rendah', 'sedang', 'tinggi', 'kritis'])[i.severity],
        'alleged', (array['rendah', 'sedang', 'tinggi', 'kritis'])[i.alleged], 'occurrence', i.occurrence,
        'people', i.people, 'summary', i.summary, 'status', i.status, 'verification', i.verification, 'stage', i.stage, 'tier', i.tier, 'reports', i.reports,
        'opened_at', i.opened_at, 'acknowledge_by', i.acknowledge_by, 'resolve_by', i.resolve_by, 'acknowledged_at', i.acknowledged_at, 'resolved_at', i.resolved_at,
        'closed_at', i.closed_at, 'overdue', i.overdue_at is not null, 'parent', i.parent_id, 'merged_into', i.merged_into, 'latitude', i.latitude, 'longitude', i.longitude);
$$;
