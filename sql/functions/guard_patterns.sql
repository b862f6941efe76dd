-- What each grade asks for in an operation: its own last version, else the default.
create function api.guard_patterns(p_operation int) returns setof posko.guard_pattern
language sql stable
as $$
    select p.*
    from posko.guard_pattern p
    where p.operation_id is not distinct from (select max(m.operation_id) from posko.guard_pattern m where m.operation_id = p_operation)
      and p.version = (select max(m.version) from posko.guard_pattern m where m.operation_id is not distinct from p.operation_id);
$$;
