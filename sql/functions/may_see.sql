-- Whether the reach of the transaction covers a place of an operation: the policies of posko.operation and posko.node, for functions that
-- run as their owner. The owner itself, the hub and the worker see everything.
create function api.may_see(p_operation int, p_code text) returns boolean
language sql stable
return current_setting('role') in ('none', 'posko_engine')
    or coalesce((p_code || '.') ^@ any (posko.scope())
                and exists (select from posko.operation o
                            where o.id = p_operation and (o.restricts is null or posko.is_cleared())
                              and (posko.one_operation() is null or posko.one_operation() in (o.id, o.restricts))), false);
