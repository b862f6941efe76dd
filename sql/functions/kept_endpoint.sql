-- The endpoint that a seat is about to change, locked; beyond the seat it answers as one that does not exist (PK406). p_holds: with the row of its
-- operation, which everybody locks before those of endpoints, and nobody who may not change anything here.
create function api.kept_endpoint(p_account int, p_seat int, p_endpoint int, p_holds boolean default false) returns posko.endpoint
language plpgsql
as $$
declare
    e posko.endpoint;
    o posko.operation;
begin
    select * into e from posko.endpoint where id = p_endpoint and removed_at is null;
    select * into o from posko.operation where id = e.operation_id;
    if e.id is not null and api.keeps_endpoints(p_account, p_seat, o, e.region_code, e.cleared) then
        perform from posko.operation where id = o.id and p_holds for update;
        select * into e from posko.endpoint where id = p_endpoint and removed_at is null for no key update;
    else
        e := null;
    end if;
    -- Looked at again with the row in hand: it may have become another seat's meanwhile.
    if e.id is null or not api.keeps_endpoints(p_account, p_seat, o, e.region_code, e.cleared) then
        raise 'there is no endpoint % here', p_endpoint using errcode = 'PK406';
    end if;
    return e;
end;
$$;
