-- How often, on the wall clock, an operation is sampled: once a minute of its own clock, never more than once a second.
create function api.curve_pace(o posko.operation) returns interval
language sql immutable
return greatest(interval '1 second', interval '1 minute' / greatest(coalesce(o.clock_speed, 1), 0.1));
