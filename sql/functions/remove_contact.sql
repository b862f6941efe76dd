-- Nobody is told at this address any more, and what waits for it is dropped. The row stays: it says who was told. The second wall as in api.add_contact.
create function api.remove_contact(p_account int, p_seat int, p_contact int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    c posko.contact;
begin
    perform pg_advisory_xact_lock(api.contacts_lock());
    select * into c from posko.contact where id = p_contact and removed_at is null for update;
    if c.id is null or not api.keeps_contacts(p_account, p_seat, c.operation_id, c.region_code, c.cleared) then
        raise 'this seat may not say who is told there' using errcode = 'PK403';
    end if;
    update posko.contact set removed_at = posko.now(), removed_by = p_account where id = p_contact;
    update posko.message m set state = 'dropped', lease_until = null, last_error = 'the contact was removed'
    where m.contact_id = p_contact and m.state = 'pending';
end;
$$;
