-- Whether one incident may be merged into another, and what that does to the other; ending the one is the caller's. Answers the other's place.
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
    elsif coalesce(i.alleged, i.severity) > j.severity then -- it would be forgotten how grave it is
        raise 'incident % is graver than %: merge that one into it, or say first how grave they are', i.number, j.number using errcode = 'PK411';
    end if;
    perform api.absorb_incident(o, o.version + 1, p_at, i, j.id, p_account);
    return j.place;
end;
$$;
