-- The endpoint that a seat is about to change, locked; beyond the seat it answers as one that does not exist (PK406).
create function api.kept_endpoint(p_account int, p_seat int, p_endpoint int) returns posko.endpoint
language plpgsql
as $$
declare
    e posko.endpoint;
    o posko.operation;
begin
    select * into e from posko.endpoint where id = p_endpoint and removed_at is null for no key update;
    select * into o from posko.operation where id = e.operation_id;
    if e.id is null or not api.keeps_endpoints(p_account, p_seat, o, e.region_code, e.cleared) then
        raise 'there is no endpoint % here', p_endpoint using errcode = 'PK406';
    end if;
    return e;
end;
$$;
