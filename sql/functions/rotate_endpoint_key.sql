-- Gives an endpoint another key; the ones before sign beside it for p_overlap, then no more.
create function api.rotate_endpoint_key(p_account int, p_seat int, p_endpoint int, p_key uuid, p_sealed bytea, p_overlap interval) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    e  posko.endpoint := api.kept_endpoint(p_account, p_seat, p_endpoint);
    at timestamptz := posko.now();
begin
    delete from posko.endpoint_key where endpoint_id = e.id and ends_at <= at;
    if (select count(*) from posko.endpoint_key where endpoint_id = e.id) >= 4 then
        raise 'endpoint % has four keys that are valid: wait until one has ended', e.id using errcode = 'PK411';
    end if;
    update posko.endpoint_key set ends_at = at + p_overlap where endpoint_id = e.id and ends_at is null;
    insert into posko.endpoint_key (uid, endpoint_id, sealed, made_at) values (p_key, e.id, p_sealed, at);
end;
$$;
