-- Makes one incident a part of what another is: it ends as digabung, its reports and children become the other's, and both say so in their logs.
-- p_account null: posko itself, that learned that they were one all along. The caller holds the operation's row, and counts it.
create function api.absorb_incident(o posko.operation, p_version bigint, p_at timestamptz, i posko.incident, p_into uuid, p_account int) returns void
language plpgsql
as $$
declare
    j posko.incident;
begin
    select * into j from posko.incident where id = p_into;
    update posko.incident_report set incident_id = j.id where incident_id = i.id;
    update posko.incident set reports = reports + i.reports where id = j.id;
    update posko.incident set merged_into = j.id, version = p_version where merged_into = i.id; -- what joins one of these joins the last
    -- Its parts are the other's, or the other's whole's; where the other was a part of it, that is a part of nothing now.
    update posko.incident set parent_id = nullif(coalesce(nullif(j.parent_id, i.id), j.id), id), version = p_version where parent_id = i.id;
    perform api.enter(j, p_version, p_at, p_account, case when p_account is null then 'posko' else 'desk' end, 'merged_in', j.status, null,
                      json_build_object('incident', i.id, 'number', i.number));
    if p_account is null then
        perform api.enter(i, p_version, p_at, null, 'posko', 'merge', 'digabung', null, json_build_object('into', j.id));
        update posko.incident set status = 'digabung', merged_into = j.id, reports = 0, overdue_at = null where id = i.id;
        update posko.escalation set state = 'stopped', next_at = null where subject_id = i.id;
        perform api.tell_ends(o, array[i.id]);
    end if;
end;
$$;
