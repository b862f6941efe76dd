-- The templates of an operation's directives: its own, or those that hold where it has none.
create function api.directive_templates(p_operation int) returns setof posko.directive_template
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.* from posko.directive_template t
    where t.operation_id is not distinct from (select max(m.operation_id) from posko.directive_template m where m.operation_id = p_operation)
    order by t.position;
$$;
