-- How far a directive has come at a region itself, where it is a target, and in each of its children that has targets. The rows add up to the directive's
-- counts there (promise 3).
create function api.directive_compliance(p_directive uuid, p_code text)
returns table (code text, name text, level smallint, targets int, sent int, unanswered int, read int, accepted int, refused int, done int, overdue int)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    p posko.node;
begin
    select n.* into p from posko.directive d join posko.node n on n.operation_id = d.operation_id and n.code = p_code where d.id = p_directive;
    if p.id is null or not api.may_see(p.operation_id, p_code) then
        return;
    end if;
    return query
    select c.code, c.name, c.level, w.targets, w.v[1], w.v[2], w.v[3], w.v[4], w.v[5], w.v[6], w.v[7]
    from (
        select k.node_id, sum(k.n)::int as targets,
               array[sum(k.n * v[1]), sum(k.n * v[2]), sum(k.n * v[3]), sum(k.n * v[4]), sum(k.n * v[5]), sum(k.n * v[6]), sum(k.n * v[7])]::int[] as v
        from (select coalesce(n.path[cardinality(p.path) + 1], n.id) as node_id, t.state, t.is_open, t.overdue_at is not null as is_late, count(*) as n
              from posko.directive_target t join posko.node n on n.id = t.node_id
              where t.directive_id = p_directive and (p_code = 'ID' or t.place = p_code or t.place > p_code || '.' and t.place < p_code || '/')
              group by 1, 2, 3, 4) k
        cross join lateral (select api.directive_counts(k.state, k.is_open, k.is_late) as v) s
        group by k.node_id
    ) w join posko.node c on c.id = w.node_id
    order by c.code;
end;
$$;
