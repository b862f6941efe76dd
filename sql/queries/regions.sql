-- name: versions :many
select id, state, layout, version from posko.operation order by id;

-- name: catalogue :one
-- One statement is one snapshot: subjects, contests and counters of the same layout.
select o.id, o.name, o.mode, o.state, o.version, o.layout, o.root_code, o.voting_day, o.starts_on,
       (select coalesce(json_agg(json_build_object('id', s.id, 'name', s.name, 'kind', s.kind, 'base', s.base, 'width', s.width)
                                 order by s.id), '[]')
        from posko.subject s where s.operation_id = o.id) as subjects,
       array(select m.code from posko.milestone m where m.operation_id = o.id order by m.position, m.code) as milestones,
       array(select c.name from posko.counter c where c.operation_id = o.id order by c.slot) as counters,
       (select coalesce(json_agg(json_build_object('id', c.id, 'kind', c.kind, 'region_code', c.region_code,
                                                   'region_level', c.region_level, 'paslon', c.paslon)
                                 order by c.region_code, c.kind), '[]')
        from (select c.*, coalesce(json_agg(json_build_object('number', p.number, 'name', p.name, 'is_empty_box', p.is_empty_box)
                                            order by p.number) filter (where p.number is not null), '[]') as paslon
              from posko.contest c left join posko.paslon p on p.contest_id = c.id
              where c.operation_id = o.id
              group by c.id) c) as contests
from posko.operation o
where o.id = $1;
