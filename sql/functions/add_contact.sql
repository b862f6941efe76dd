-- Adds somebody to be told at the desk of a region; what fires there already is due for them (api.tell_due). Answers the new id.
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
    -- What nobody was told for want of a contact, and what others were told already; a new group still waits for its like.
    update posko.notice n set next_at = least(n.next_at, at)
    from posko.node p
    where p.id = n.node_id and n.closed_at is null and p.code = p_region and (n.telling > 0 or n.next_at = 'infinity')
      and exists (select from api.contacts_of(n.id) as c where c.id = v_made);
    return v_made;
end;
$$;
