-- Photo evidence. Reading goes through row-level security; writing through functions that look the seat up.

-- name: promise :one
select operation, place, restricts, bytes, may_send, is_open, kept_at, width, height, is_gone
from api.photo_promise($1, $2, $3, $4);

-- name: keep :one
select kept_at, is_new
from api.keep_photo($1, $2, $3, $4, $5, $6, $7, $8);

-- name: of_report :many
-- What a report promises and what was kept of it; of one that replaces another also what that had: its own first, each photo once, as kept where it is.
-- A report without photos is one row without one.
with recursive chain as (
    select r.id, r.node_id, r.corrects, r.body from posko.report r where r.id = $1
    union all
    select r.id, r.node_id, r.corrects, r.body
    from chain c join posko.report r on r.id = c.corrects and r.node_id = c.node_id
    where json_typeof(c.body -> 'content' -> 'replacement') = 'object'
) cycle id set is_again using path
select n.operation_id as operation, n.code as place, n.restricts, p.report, p.sha256, p.bytes, p.kind, p.width, p.height, p.kept_at, p.kept_by, p.gone_at, p.object_key
from posko.report r
join posko.node n on n.id = r.node_id
left join lateral (
    select distinct on (p.sha256) cardinality(c.path) as step, p.position, c.id as report, p.sha256, p.bytes, k.kind, k.width, k.height, k.kept_at, a.username as kept_by, k.gone_at, k.object_key
    from chain c
    cross join lateral api.promised_photos(c.body) p
    left join posko.photo k on k.report_id = c.id and k.position = p.position
    left join posko.account a on a.id = k.account_id
    where not c.is_again
    order by p.sha256, k.kept_at is null, k.gone_at is not null, step
) p on true
where r.id = $1
order by p.step, p.position;

-- name: due :many
-- Operations whose names are to be forgotten and which still have photos or voice notes.
select o.id
from posko.operation o
where o.names_until < posko.now()::date
  and (exists (select from posko.photo p where p.operation_id = o.id and p.gone_at is null) or exists (select from posko.voice v where v.operation_id = o.id and v.gone_at is null));

-- name: forget :value
select api.forget_photos($1);

-- name: of_report_keys :many
select object_key from posko.photo where report_id = $1 and gone_at is null
union all
select object_key from posko.voice where report_id = $1 and gone_at is null;

-- name: forget_report :exec
with photos as (
    update posko.photo set gone_at = posko.now() where report_id = $1 and gone_at is null
)
update posko.voice set gone_at = posko.now() where report_id = $1 and gone_at is null;

-- name: orphans :many
-- Which of these keys no row speaks for.
select k as object_key
from unnest($1::text[]) as k
where not exists (select from posko.photo p where p.object_key = k and p.gone_at is null) and not exists (select from posko.voice v where v.object_key = k and v.gone_at is null);
