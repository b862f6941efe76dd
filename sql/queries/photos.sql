-- Photo evidence. Reading goes through row-level security; writing through functions that look the seat up.

-- name: promise :one
select operation, place, restricts, bytes, may_send, is_open, kept_at, width, height, is_gone
from api.photo_promise($1, $2, $3, $4);

-- name: keep :one
select kept_at, is_new
from api.keep_photo($1, $2, $3, $4, $5, $6, $7, $8);

-- name: of_report :many
-- What a report promises and what was kept of it. A report that promises nothing is one row without a photo.
select n.operation_id as operation, n.code as place, n.restricts, p.sha256, p.bytes, k.kind, k.width, k.height, k.kept_at, a.username as kept_by, k.gone_at, k.object_key
from posko.report r
join posko.node n on n.id = r.node_id
left join lateral api.promised_photos(r.body) p on true
left join posko.photo k on k.report_id = r.id and k.position = p.position
left join posko.account a on a.id = k.account_id
where r.id = $1
order by p.position;

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
