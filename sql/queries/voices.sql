-- Voice notes. Reading goes through row-level security; writing through functions that look the seat up.

-- name: promise :one
select operation, place, restricts, sha256, bytes, may_send, is_open, kept_at, is_gone
from api.voice_promise($1, $2, $3);

-- name: keep :one
select kept_at, is_new
from api.keep_voice($1, $2, $3, $4, $5);

-- name: of_report :one
-- What a report promises and what was kept of it; of a report that promises none, only where it belongs.
select n.operation_id as operation, n.code as place, n.restricts, p.sha256, p.bytes, p.seconds, k.kind, k.kept_at, a.username as kept_by, k.gone_at, k.object_key
from posko.report r
join posko.node n on n.id = r.node_id
left join lateral api.promised_voice(r.body) p on true
left join posko.voice k on k.report_id = r.id
left join posko.account a on a.id = k.account_id
where r.id = $1;
