-- Makes those of the given reports that are about an incident, and are not yet part of one, part of this one. The caller holds the operation's row.
create function api.gather_reports(p_operation int, p_version bigint, p_incident uuid, p_reports uuid[]) returns void
language sql
as $$
    with joined as (
        insert into posko.incident_report (report_id, incident_id)
        select r.id, p_incident
        from posko.report r join posko.subject s on s.operation_id = p_operation and s.id = r.subject_id and s.kind = 'incident'
        where r.id = any(p_reports)
        on conflict do nothing
        returning report_id
    )
    update posko.incident set reports = reports + (select count(*) from joined), version = p_version where id = p_incident;
$$;
