-- name: usable_operation :value
-- The last active demo operation of a preset; when a day is to be played on it ($2), one that has no reports yet.
select o.id
from posko.operation o
where o.name like $1 || ' #%' and o.state = 'active'
  and (not $2 or not exists (select from posko.report r where r.operation_id = o.id))
order by o.id desc
limit 1;

-- name: active_demos :many
select id from posko.operation where name like 'Demo %' and state = 'active';

-- name: next_number :value
select count(*) + 1 from posko.operation where name like $1 || ' #%';

-- name: clock_speed :value
select clock_speed from posko.operation where id = $1;

-- name: set_clock :exec
update posko.operation set clock_at = $2, clock_set_at = posko.now(), clock_speed = $3 where id = $1 or restricts = $1;
