-- Whether somebody who may see the operation is on duty at a desk and has shown himself lately. An operation that keeps no piket at all has
-- no vacant desks. A restricted lane has the piket of what it restricts, as far as it is cleared.
create function api.is_staffed(o posko.operation, p_code text) returns boolean
language sql stable
as $$
    select not exists (select from posko.shift s where s.operation_id = coalesce(o.restricts, o.id))
        or exists (
            select from posko.shift s
            where s.operation_id = coalesce(o.restricts, o.id) and s.region_code = p_code and s.ended_at is null
              and coalesce(s.present_at, s.began_at) + o.present_every * 1.25 >= posko.now()
              and (o.restricts is null or exists (
                       select from posko.assignment g
                       where g.account_id = s.account_id and g.cleared and g.revoked_at is null and (g.ends_at is null or g.ends_at > posko.now())
                         and api.covers(g.regions, p_code))));
$$;
