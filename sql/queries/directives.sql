-- name: issue :one
select version, operation, restricts, number, places, is_new
from api.issue_directive($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14);

-- name: audience :one
select targets, first from api.audience_of($1, $2, $3::jsonb, $4, $5, $6);

-- name: answer :one
select version, operation, restricts, state, changed_at, places from api.answer_directive($1, $2, $3, $4, $5, $6, $7, $8);

-- name: withdraw :one
select version, operation, restricts, place, number, places, is_new from api.withdraw_directive($1, $2, $3, $4, $5);

-- name: seen :one
-- Where a directive is seen from within these regions; no row: nowhere.
select operation, restricts, number, place, seen_at from api.directive_seen($1, $2);

-- name: page :many
select d.* from api.directives_page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) d;

-- name: targets :many
select t.* from api.directive_targets($1, $2, $3, $4, $5) t;

-- name: compliance :many
select c.* from api.directive_compliance($1, $2) c;

-- name: inbox :many
select d.* from api.directives_for($1, $2, $3, $4, $5) d;

-- name: templates :many
select code, kind, requires, text from api.directive_templates($1);
