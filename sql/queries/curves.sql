-- name: state :one
select names, depth, version, sampled_at, clock, pace_s, gap_from, gap_until from api.curve_state($1);

-- name: points :many
select at, version, counters from api.curve_of($1, $2, $3, $4, $5);

-- name: due :many
-- What is closed is sampled once more: its last minute.
select o.id
from posko.operation o left join posko.curve c on c.operation_id = o.id
where o.state = 'active' or o.state = 'closed' and c.version < o.version
order by o.restricts is not null, o.id;

-- name: sample :one
select version, points from api.sample_curves($1, $2);
