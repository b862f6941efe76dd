-- name: prove_next :many
-- One kelurahan of each active operation, in turn: where its stored counters differ from what its reports say now.
select o.id as operation, branch.code,
       (select array_agg(distinct coalesce(c.name, 'rollup row'))
        from api.recount(o.id, array(select n.id from posko.node n
                                     where n.operation_id = o.id and (n.id = branch.id or n.code >= branch.code || '.' and n.code < branch.code || '/'))) r
        left join posko.counter c on c.operation_id = o.id and c.slot = r.slot) as differences
from posko.operation o
cross join lateral (
    select count(*) as size from posko.node n where n.operation_id = o.id and n.level = 4
) as k
cross join lateral (
    select n.id, n.code from posko.node n
    where n.operation_id = o.id and n.level = 4
    order by n.code
    offset $1::bigint % greatest(k.size, 1) limit 1
) as branch
where o.state = 'active';
