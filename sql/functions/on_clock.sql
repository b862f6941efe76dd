-- What time it was in an operation at a moment of the wall clock: that of a drill, as its clock runs now (api.clock), is reckoned back.
create function api.on_clock(o posko.operation, p_at timestamptz) returns timestamptz
language sql stable
return case when o.clock_at is null then p_at
            else least(o.clock_at + (p_at - o.clock_set_at) * o.clock_speed, timestamptz '2100-01-01 00:00+00') end;
