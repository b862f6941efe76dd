-- Whether an operation, or the one whose restricted lane it is, has an endpoint at all: where there is none nothing is made of what happens.
create function api.is_listened_to(o posko.operation) returns boolean
language sql stable
return exists (select from posko.endpoint e where e.operation_id = coalesce(o.restricts, o.id) and e.removed_at is null);
