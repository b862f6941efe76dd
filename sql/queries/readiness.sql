-- Teams, guards, patterns, and where to go first.

-- name: set_teams :one
select version, standing, withdrawn, places from api.set_teams($1, $2, $3, $4, $5);

-- name: mark_team :one
select version, operation, place from api.mark_team($1, $2, $3, $4, $5);

-- name: teams :many
select id, place, place_name, name, members, institution, briefed_at, briefed_by, present_at, present_by, version from api.teams_page($1, $2, $3, $4, $5, $6);

-- name: set_guards :one
select version, standing, withdrawn, places from api.set_guards($1, $2, $3, $4, $5);

-- name: check_guard :one
select version, operation, places from api.check_guard($1, $2, $3, $4, $5);

-- name: guards :many
select id, name, members, institution, username, phone, posts, version from api.guards_page($1, $2, $3, $4, $5, $6);

-- name: guard_accounts :many
select username from api.guard_accounts($1, $2, $3);

-- name: set_patterns :one
select pattern_version, version, places from api.set_guard_patterns($1, $2, $3, $4);

-- name: patterns :many
select operation_id is null as is_default, version, grade, polri, tps, linmas from api.guard_patterns($1)
order by array_position(array['kurang_rawan', 'rawan', 'sangat_rawan', 'khusus'], grade);

-- name: set_weights :value
select api.set_priority_weights($1, $2, $3, $4);

-- name: weights :many
select operation_id is null as is_default, version, code, points, most from api.priority_weights($1) order by code;

-- name: priorities :many
select code, name, place_name, score, total, is_restricted, facts from api.priorities($1, $2, $3);

-- name: categories :many
-- The labels of incidents' categories, as the operation has them.
select c.code, c.label_id, c.label_en
from posko.category c
where c.operation_id is not distinct from (select max(m.operation_id) from posko.category m where m.operation_id = $1)
  and c.version = (select max(m.version) from posko.category m where m.operation_id is not distinct from c.operation_id);

-- name: known_places :many
-- Which of the given codes are places of the operation, and of what level.
select n.code, n.level from posko.node n where n.operation_id = $1 and n.code = any($2);

-- name: institutions :many
select code from posko.institution;

-- name: seat_for :one
-- The seat with which an account may set lists in a region, for the command line.
select a.id as account_id, g.id as seat_id
from posko.account a
join posko.assignment g on g.account_id = a.id
join posko.operation o on o.id = $2
where a.username = $1 and api.seat_level(a.id, g.id, array['supervisor', 'admin', 'system'], o, o.root_code) is not null
order by g.id
limit 1;
