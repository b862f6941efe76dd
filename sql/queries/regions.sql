-- name: versions :many
select id, state, layout, version from posko.operation order by id;

-- name: catalogue :one
-- One statement is one snapshot: subjects, contests and counters of the same layout.
select o.id, o.name, o.mode, o.state, o.version, o.layout, o.root_code, o.voting_day, o.starts_on, o.restricts, o.name_salt,
       (select l.id from posko.operation l where l.restricts = o.id) as lane,
       (select coalesce(json_agg(json_build_object('id', s.id, 'name', s.name, 'kind', s.kind, 'base', s.base, 'width', s.width)
                                 order by s.id), '[]')
        from posko.subject s where s.operation_id = o.id) as subjects,
       array(select m.code from posko.milestone m where m.operation_id = o.id order by m.position, m.code) as milestones,
       array(select c.name from posko.counter c where c.operation_id = o.id order by c.slot) as counters,
       array(select c.code from posko.category c
             where c.operation_id is not distinct from (select max(m.operation_id) from posko.category m where m.operation_id = coalesce(o.restricts, o.id))
               and c.version = (select max(m.version) from posko.category m where m.operation_id is not distinct from c.operation_id)) as categories,
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

-- name: operations :many
select id, name, mode, state, version, layout, root_code, root_level, starts_on, voting_day, tps_estimated, created_at, activated_at, closed_at, restricts,
       (select l.id from posko.operation l where l.restricts = o.id) as restricted_lane
from posko.operation o
order by id;

-- name: operation :one
select id, name, mode, state, version, layout, root_code, root_level, starts_on, voting_day, tps_estimated, created_at, activated_at, closed_at, restricts,
       (select l.id from posko.operation l where l.restricts = o.id) as restricted_lane
from posko.operation o
where id = $1;

-- name: milestones :many
select code, position, day, to_char(planned, 'HH24:MI') as planned, (extract(epoch from grace) / 60)::int as grace_minutes, label_id, label_en
from posko.milestone
where operation_id = $1
order by position, code;

-- name: create_operation :value
select api.create_operation($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: activate :value
select api.activate($1);

-- name: close :value
select api.close($1);

-- name: set_milestone :value
select api.set_milestone($1, $2, $3, $4, $5, make_interval(mins => $6), $7, $8);

-- name: drop_milestone :value
select api.drop_milestone($1, $2);

-- name: make_draft :value
select api.make_draft($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: drop_draft :exec
select api.drop_draft($1, $2, $3);

-- name: replace_roster :value
select api.replace_roster($1, $2, $3, $4);

-- name: plan_milestone :value
select api.plan_milestone($1, $2, $3, $4, $5, $6, $7, make_interval(mins => $8), $9, $10);

-- name: set_contests :value
select api.set_contests($1, $2);

-- name: plan_contests :value
select api.plan_contests($1, $2, $3, $4);

-- name: unplan_milestone :value
select api.unplan_milestone($1, $2, $3, $4);

-- name: open_operation :value
select api.open_operation($1, $2, $3);

-- name: end_operation :value
select api.end_operation($1, $2, $3);

-- name: made_of :many
-- What operations are made of. Regions are counted while a draft is looked through; the nation has 90,000.
select o.id, n.name as root_name,
       case when o.state = 'draft' then (select count(*) from posko.node r where r.operation_id = o.id and r.level < 6)::int end as regions,
       coalesce(t.counters[1], 0) as tps, coalesce(t.counters[2], 0) as voters_l, coalesce(t.counters[3], 0) as voters_p
from posko.operation o
join posko.node n on n.operation_id = o.id and n.code = o.root_code
join posko.rollup t on t.node_id = n.id
where o.id = any($1)
order by o.id;

-- name: stage_regions :exec
select api.stage_regions(null);

-- name: load_regions :value
select api.load_regions($1);

-- name: stage_tps :exec
select api.stage_tps(null);

-- name: load_roster :value
select api.load_roster($1, $2);

-- name: analyze :exec
analyze posko.node, posko.tps, posko.rollup, posko.report;

-- name: tps_parents :many
select code from posko.node where operation_id = $1 and level in (4, 5);

-- name: roster :many
select n.code, t.number, t.voters_l, t.voters_p, t.address, t.latitude, t.longitude, t.indicators, t.police_grade, t.polsek, t.koramil
from posko.node n join posko.tps t on t.node_id = n.id
where n.operation_id = $1 and n.level = 6 and n.code > $2
order by n.code
limit $3;

-- name: place :one
select id, code, level, name, utc_offset from posko.node where operation_id = $1 and code = $2;

-- name: clock :value
select posko.now();

-- name: rows :many
select code, name, version, last_at, counters, own from api.rows_of($1, $2);

-- name: grid_places :one
-- Whole columns, here and below: thousands of rows of their own would cost the reader more than the database.
select array_agg(code) filter (where not is_tps) as regions, array_agg(name) filter (where not is_tps) as names, array_agg(code) filter (where is_tps) as tps,
       string_agg(grade::text, '') filter (where is_tps) as grades, string_agg(lpad(to_hex(indicators), 2, '0'), '') filter (where is_tps) as indicators
from api.grid_places($1, $2, $3);

-- name: grid_states :one
select array_agg(code) as codes, array_agg(version) as versions, array_agg(milestones) as milestones, array_agg(rest) as rests,
       array_agg(floor(extract(epoch from last_at))::bigint) as last_at, posko.now() as at
from api.grid_states($1, $2, $3);

-- name: slots :many
select name, slot from posko.counter where operation_id = $1 order by slot;

-- name: tps_behind :many
select code, level, name, parent_name, value, version, last_at, utc_offset, voters_l, voters_p
from api.tps_behind($1, $2, $3, $4, $5, $6)
order by code;

-- name: tps :one
select n.code, n.name, t.number, n.utc_offset, t.voters_l, t.voters_p, t.address, t.latitude, t.longitude, t.indicators, t.police_grade,
       t.polsek, t.koramil, r.version, r.last_at, r.counters
from posko.node n
join posko.tps t on t.node_id = n.id
join posko.rollup r on r.node_id = n.id
where n.operation_id = $1 and n.code = $2;

-- name: find_places :many
select code, level, name, parents, parent_names from api.find_places($1, $2, $3, $4, $5, $6, $7);

-- name: flags :many
select f.kind, s.name as subject, f.report_id, f.raised_at, f.cleared_at, f.cleared_by, f.reason, f.ended_at, f.ended_by
from posko.node n
cross join lateral api.flags_of(array[n.id]) f
join posko.subject s on s.operation_id = n.operation_id and s.id = f.subject_id
where n.operation_id = $1 and n.code = $2
order by f.ended_at desc, f.kind, s.name, f.report_id -- those that stand come first
limit $3;

-- name: lock_operation :one
select id from posko.operation where id = $1 for update;

-- name: node_count :value
select count(*) from posko.node where operation_id = $1;

-- name: node_page :many
select id, code from posko.node where operation_id = $1 and code > $2 order by code limit $3;

-- name: stage_discrepancies :exec
create temp table discrepancy (node_id int not null, slot int not null, delta int not null, is_place bool not null) on commit drop;

-- name: recount :many
-- The parent of a missing row is counted again too: until the repair, a report from below passes the gap and reaches the parent only.
with found as (
    insert into pg_temp.discrepancy (node_id, slot, delta, is_place)
    select node_id, slot, delta, is_place from api.recount($1, $2)
    returning node_id, slot
)
select node_id from found
union
select n.parent_id from found f join posko.node n on n.id = f.node_id where f.slot = 0 and n.parent_id is not null;

-- name: differences :many
select n.code, case when d.slot = 0 then 'rollup row' else coalesce(c.name, 'slot ' || d.slot) end || case when d.is_own then ' (own)' else '' end as counter,
       s.stored, s.stored + d.delta as recounted, (count(*) over ())::int as total
from api.differences($1) d
join posko.node n on n.id = d.node_id
left join posko.rollup r on r.node_id = d.node_id
left join posko.counter c on c.operation_id = $1 and c.slot = d.slot
cross join lateral (select coalesce((case when d.is_own then r.own else r.counters end)[d.slot], 0) as stored) s
order by n.code, d.slot, d.is_own
limit $2;

-- name: repair :value
select api.repair($1);
