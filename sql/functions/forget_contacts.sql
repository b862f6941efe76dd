-- Forgets the addresses of who has not been told for a year; that a function was told stays.
create function api.forget_contacts() returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update posko.contact set address = 'dihapus' where removed_at < posko.now() - interval '365 days' and address <> 'dihapus';
$$;
