-- What begins every transaction that has a reach (posko/db.py), after its scope, clearance and operation are set.

-- name: operations :value
select set_config('posko.operations', coalesce((select array_agg(o.id) from posko.operation o)::text, ''), true);
