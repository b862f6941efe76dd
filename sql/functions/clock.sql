-- What time it is in an operation: the one clock, or that of a drill which is played at another hour and speed.
create function api.clock(o posko.operation) returns timestamptz
language sql volatile
return case when o.clock_at is null then posko.now()
            -- It goes no further than what every program can read.
            else least(o.clock_at + (posko.now() - o.clock_set_at) * o.clock_speed, timestamptz '2100-01-01 00:00+00') end;
