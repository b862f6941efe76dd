-- A directive as systems are told of it: posko.webhooks.told.DirectiveTold.
create function api.told_directive(d posko.directive) returns jsonb
language sql stable
as $$
    select jsonb_build_object(
        'id', d.id, 'number', d.number, 'desk', d.place, 'kind', d.kind, 'requires', d.requires, 'text', d.text, 'deadline', d.due_at, 'incident', d.incident_id,
        'issued_at', d.issued_at, 'withdrawn_at', d.withdrawn_at, 'targets', d.targets, 'unanswered', d.unanswered, 'refused', d.refused, 'done', d.done, 'overdue', d.overdue);
$$;
