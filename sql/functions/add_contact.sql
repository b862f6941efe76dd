-- Adds somebody to be told at the desk of a region; they are told at once what fires there already. Answers the new id.
-- The second wall: the seat is looked up here too; without one (p_seat null) only the owner at the command line may.
create function api.add_contact(p_account int, p_seat int, p_operation int, p_region text, p_channel text, p_address text, p_label text, p_cleared boolean)
returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    at     timestamptz := posko.now();
    v_made int;
begin
    perform pg_advisory_xact_lock(api.contacts_lock());
    if not api.keeps_contacts(p_account, p_seat, p_operation, p_region, p_cleared) then
        raise 'this seat may not say who is told at %', p_region using errcode = 'PK403';
    elsif not exists (select from posko.operation o join posko.node n on n.operation_id = o.id
                      where o.restricts is null and (p_operation is null or o.id = p_operation) and n.code = p_region and n.level < 6) then
        raise 'there is no region %', p_region using errcode = 'PK405';
    elsif (select count(*) from posko.contact c
           where c.region_code = p_region and c.removed_at is null and c.operation_id is not distinct from p_operation) >= 50 then
        raise 'the desk of % has 50 contacts; remove one first', p_region using errcode = 'PK411';
    end if;
    insert into posko.contact (operation_id, region_code, channel, address, label, cleared, added_by, added_at)
    values (p_operation, p_region, p_channel, p_address, p_label, p_cleared, p_account, at)
    on conflict (region_code, channel, lower(address), coalesce(operation_id, 0)) where removed_at is null do nothing
    returning id into v_made;
    if v_made is null then
        raise 'this address is told at % already', p_region using errcode = 'PK411';
    end if;
    with open as (
        select n.id, n.telling from posko.notice n join posko.node p on p.id = n.node_id
        where n.closed_at is null and p.code = p_region and exists (select from api.contacts_of(n.id) as c where c.id = v_made)
    ), told as (
        insert into posko.message (id, notice_id, telling, contact_id, channel, created_at, next_at)
        select gen_random_uuid(), n.id, n.telling, v_made, p_channel, at, at from open n where n.telling > 0
    )
    update posko.notice n set next_at = at from open where n.id = open.id and n.next_at = 'infinity';
    return v_made;
end;
$$;
