-- Adds a system to be told, unverified, with its first key. Answers its id. The second wall: the seat is looked up here too.
create function api.add_endpoint(p_account int, p_seat int, p_operation int, p_region text, p_cleared boolean, p_url text, p_description text, p_types text[],
                                 p_is_thin boolean, p_rate int, p_key uuid, p_sealed bytea) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    c_most     constant int := 500;
    c_most_own constant int := 50; -- as many as take turns at a worker are five times that: one admin's slow receivers hold up nobody else's
    o    posko.operation;
    at   timestamptz := posko.now();
    v_id int;
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    if o.id is null then
        raise 'there is no operation %', p_operation using errcode = 'PK404';
    elsif not api.keeps_endpoints(p_account, p_seat, o, p_region, p_cleared) then
        raise 'this seat keeps no endpoints for %', p_region using errcode = 'PK403';
    elsif not exists (select from posko.node n where n.operation_id = o.id and n.code = p_region and n.level < 6) then
        raise 'there is no region % in operation %', p_region, p_operation using errcode = 'PK405';
    elsif (select count(*) from posko.endpoint e where e.operation_id = o.id and e.removed_at is null) >= c_most then
        raise 'operation % has % endpoints: remove one first', o.id, c_most using errcode = 'PK411';
    elsif (select count(*) from posko.endpoint e where e.owner_id = p_account and e.removed_at is null) >= c_most_own then
        raise 'this account owns % endpoints: remove one first', c_most_own using errcode = 'PK411';
    end if;
    insert into posko.endpoint (operation_id, region_code, cleared, url, description, types, is_thin, rate, owner_id, added_at)
    values (o.id, p_region, p_cleared, p_url, p_description, p_types, p_is_thin, p_rate, p_account, at)
    returning id into v_id;
    insert into posko.endpoint_key (uid, endpoint_id, sealed, made_at) values (p_key, v_id, p_sealed, at);
    insert into posko.endpoint_lane (endpoint_id, lane, open_at) values (v_id, 'escalation', at), (v_id, 'rest', at);
    return v_id;
end;
$$;
