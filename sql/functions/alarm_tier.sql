-- The level of the highest desk that an alarm has climbed to; its own before any was told.
create function api.alarm_tier(p_alarm uuid) returns int
language sql stable
as $$
    select coalesce((select min(d.level)::int from posko.firing f join posko.node d on d.id = f.node_id where f.subject_id = p_alarm),
                    (select least(n.level, 5)::int from posko.alarm a join posko.node n on n.id = a.node_id where a.id = p_alarm));
$$;
