-- The stage that a place is in at a moment, by its own clock.
create function api.stage_at(o posko.operation, p_utc_offset int, p_at timestamptz) returns text
language sql stable
as $$
    select s.code from posko.stage s
    where s.operation_id is not distinct from (select max(m.operation_id) from posko.stage m where m.operation_id = coalesce(o.restricts, o.id))
      and (o.voting_day + s.day) + s.begins <= (p_at at time zone 'UTC') + make_interval(hours => p_utc_offset)
    order by s.day desc, s.begins desc limit 1;
$$;
