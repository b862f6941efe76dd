-- Writes down that the photos of an operation are out of the store, once the time of its names has come; answers how many.
create function api.forget_photos(p_operation int) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    v_count int;
begin
    update posko.photo p set gone_at = posko.now()
    from posko.operation o
    where o.id = p_operation and o.names_until < posko.now()::date and p.operation_id = o.id and p.gone_at is null;
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
