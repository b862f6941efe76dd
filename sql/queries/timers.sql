-- What is done when its time has come. Each part is one transaction of its own; none returns a row when there was nothing to do.

-- name: active :many
select id from posko.operation where state = 'active' order by restricts is not null, id;

-- name: sweep_obligations :one
select version, found as done, null::double precision as late_s, places from api.sweep_obligations($1, $2);

-- name: raise_alarms :one
select version, opened as done, null::double precision as late_s, places from api.raise_alarms($1, $2);

-- name: fire_escalations :one
select version, fired as done, late_s, places from api.fire_escalations($1, $2);

-- name: mark_overdue :one
select version, marked as done, null::double precision as late_s, places from api.mark_overdue($1, $2);

-- name: check_alarms :one
select version, changed as done, null::double precision as late_s, places from api.check_alarms($1, $2);

-- name: check_desks :one
select version, changed as done, null::double precision as late_s, places from api.check_desks($1);

-- name: check_thresholds :one
select version, told as done, null::double precision as late_s, places from api.check_thresholds($1);

-- name: lateness :value
select api.lateness();

-- name: postpone :exec
select api.postpone($1);

-- name: expand_directives :one
select version, written as done, null::double precision as late_s, places from api.expand_directives($1, $2);

-- name: mark_late_directives :one
select version, marked as done, null::double precision as late_s, places from api.mark_late_directives($1, $2);
