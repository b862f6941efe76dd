-- Writes down that the photos and voice notes of an operation are out of the store, once the time of its names has come; answers how many.
create function api.forget_photos(p_operation int) returns int
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with due as (
        select o.id from posko.operation o where o.id = p_operation and o.names_until < posko.now()::date
    ), photos as (
        update posko.photo p set gone_at = posko.now() from due where p.operation_id = due.id and p.gone_at is null returning 1
    ), voices as (
        update posko.voice v set gone_at = posko.now() from due where v.operation_id = due.id and v.gone_at is null returning 1
    )
    select ((select count(*) from photos) + (select count(*) from voices))::int;
$$;
