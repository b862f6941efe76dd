-- Takes endpoints of a lane that have something due, for p_lease: nobody else delivers to them until then, and whoever does next has another fence.
-- First those whose last turn is longest ago: where more are busy than all workers take at a time, each has its turn.
create function api.lease_endpoints(p_lane text, p_limit int, p_lease interval) returns table (endpoint int, fence int)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with due as (
        select l.endpoint_id
        from posko.endpoint_lane l join posko.endpoint e on e.id = l.endpoint_id
        where l.lane = p_lane and (l.lease_until is null or l.lease_until <= posko.now()) and l.open_at <= posko.now() and e.removed_at is null
          and e.state in ('active', 'unverified')
          -- In this order: of five hundred endpoints few have something due, and only of those anything is asked that takes a call.
          and case when exists (select from posko.delivery_key k
                                where k.endpoint_id = l.endpoint_id and k.lane = p_lane and k.next_at <= posko.now() and (e.state = 'active' or k.key = 'challenge'))
                   then api.may_be_told(e) else false end
        order by l.lease_until nulls first, l.endpoint_id
        limit p_limit for no key update of l skip locked
    )
    update posko.endpoint_lane l set lease_until = posko.now() + p_lease, fence = l.fence + 1
    from due d where l.endpoint_id = d.endpoint_id and l.lane = p_lane
    returning l.endpoint_id, l.fence;
$$;
