-- name: file :many
select item, outcome, version, received_at, flags
from api.file_reports($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
order by item;

-- name: report :one
select r.id, r.operation_id as operation, n.code as place, a.username as reporter, k.name as on_behalf_of, r.version, r.observed_at, r.received_at,
       r.corrects, (select min(c.id::text)::uuid from posko.report c where c.corrects = r.id and c.node_id = r.node_id) as corrected_by,
       r.body::text as body, s.name as subject, o.restricts,
       array(select json_build_array(p.position, p.name)::text from posko.report_person p where p.report_id = r.id and p.position > 0) as persons,
       array(select f.kind from posko.flag f where f.report_id = r.id order by f.kind) as flags
from posko.report r
join posko.operation o on o.id = r.operation_id
join posko.node n on n.id = r.node_id
join posko.account a on a.id = r.account_id
left join posko.report_person k on k.report_id = r.id and k.position = 0
left join posko.subject s on s.operation_id = r.operation_id and s.id = r.subject_id
where r.id = $1;

-- name: timeline :many
-- All reports of one place, the last received first; keyset by (version, id).
select r.id, r.operation_id as operation, n.code as place, a.username as reporter, k.name as on_behalf_of, r.version, r.observed_at, r.received_at,
       r.corrects, (select min(c.id::text)::uuid from posko.report c where c.corrects = r.id and c.node_id = r.node_id) as corrected_by,
       r.body::text as body, s.name as subject, o.restricts,
       array(select json_build_array(p.position, p.name)::text from posko.report_person p where p.report_id = r.id and p.position > 0) as persons,
       array(select f.kind from posko.flag f where f.report_id = r.id order by f.kind) as flags
from posko.node n
join posko.operation o on o.id = n.operation_id
join posko.report r on r.node_id = n.id
join posko.account a on a.id = r.account_id
left join posko.report_person k on k.report_id = r.id and k.position = 0
left join posko.subject s on s.operation_id = r.operation_id and s.id = r.subject_id
where n.operation_id = $1 and n.code = $2 and ($3::bigint is null or (r.version, r.id) < ($3, $4::uuid))
order by r.version desc, r.id desc
limit $5;

-- name: place_exists :value
select exists (select from posko.node where operation_id = $1 and code = $2);

-- name: incidents :many
-- The live incident reports at and below a region, by (place, id); the rollup of each branch says where there are none.
select i.*
from api.incidents_behind($1, $2, $3, $4, $5, $6) i;

-- name: flags :many
select f.*
from api.flags_behind($1, $2, $3, $4, $5, $6, $7) f;

-- name: flag_history :many
select f.*
from api.flag_history($1, $2, $3, $4) f;

-- name: clear_flag :value
select api.clear_flag($1, $2, $3, $4, $5);

-- name: reopen :value
select api.reopen($1);

-- name: flag_place :one
-- Where a flag is, for the scope check before it is cleared.
select n.operation_id as operation, n.code as place, n.restricts
from posko.flag f join posko.node n on n.id = f.node_id
where f.kind = $1 and f.report_id = $2
limit 1;
