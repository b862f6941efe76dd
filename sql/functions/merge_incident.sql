-- What a merge does beside ending the one: its reports and children become the other's, which says so in its log. Answers the other's place.
create function api.merge_incident(o posko.operation, i posko.incident, p_into uuid, p_at timestamptz, p_account int, p_seat int) returns text
language plpgsql
as $$
declare
    j posko.incident;
begin
    select * into j from posko.incident where id = p_into and operation_id = o.id for update;
    if j.id is null or api.seat_level(p_account, p_seat, array['operator', 'supervisor', 'admin', 'system'], o, j.place) is null then
        raise 'there is no incident % here', p_into using errcode = 'PK406';
    elsif j.id = i.id or j.status in ('digabung', 'batal', 'ditutup') then
        raise 'incident % cannot be merged into %, which is %', i.number, j.number, j.status using errcode = 'PK411';
    end if;
    update posko.incident_report set incident_id = j.id where incident_id = i.id;
    update posko.incident set reports = reports + i.reports where id = j.id;
    update posko.incident set merged_into = j.id, version = o.version + 1 where merged_into = i.id; -- what joins one of these joins the last
    -- Its parts are the other's, or the other's whole's; where the other was a part of it, that is a part of nothing now.
    update posko.incident set parent_id = nullif(coalesce(nullif(j.parent_id, i.id), j.id), id), version = o.version + 1 where parent_id = i.id;
    perform api.enter(j, o.version + 1, greatest(p_at, j.changed_at), p_account, 'desk', 'merged_in', j.status, null, json_build_object('incident', i.id, 'number', i.number));
    return j.place;
end;
$$;
