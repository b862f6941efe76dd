-- Where somebody whose regions these are sees a directive: as a whole when its desk is within them, else at the first of their regions that has a target
-- of it. No row: not at all. The wall: may_see of the very place.
create function api.directive_seen(p_directive uuid, p_regions text[]) returns table (operation int, restricts int, number int, place text, seen_at text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select d.operation_id, o.restricts, d.number, d.place, w.code
    from posko.directive d
    join posko.operation o on o.id = d.operation_id
    cross join lateral (
        select case when api.covers(p_regions, d.place) then d.place
                    else (select r.code from unnest(p_regions) as r(code)
                          where exists (select from posko.directive_target t
                                        where t.directive_id = d.id and (t.place = r.code or t.place > r.code || '.' and t.place < r.code || '/'))
                          order by r.code limit 1) end as code
    ) w
    where d.id = p_directive and w.code is not null and api.may_see(d.operation_id, w.code);
$$;
