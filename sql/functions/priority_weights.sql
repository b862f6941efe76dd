-- How much each reason counts in an operation: its own last version over the defaults.
create function api.priority_weights(p_operation int) returns setof posko.priority_weight
language sql stable
as $$
    select distinct on (w.code) w.*
    from posko.priority_weight w
    where (w.operation_id is null or w.operation_id = p_operation)
      and w.version = (select max(m.version) from posko.priority_weight m where m.operation_id is not distinct from w.operation_id)
    order by w.code, w.operation_id nulls last;
$$;
