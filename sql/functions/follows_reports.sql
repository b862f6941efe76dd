-- Whether an incident is what its live reports say: nobody has accepted, classified or voided it.
create function api.follows_reports(i posko.incident) returns boolean
language sql stable
as $$
    select i.status in ('baru', 'batal') and not exists (
        select from posko.incident_entry e where e.incident_id = i.id and e.action in ('acknowledgement', 'classification', 'void', 'reopening'));
$$;
