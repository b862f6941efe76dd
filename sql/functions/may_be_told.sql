-- Whether what is for an endpoint may still leave: its owner has a seat that sees as much as it does. It waits while it may not.
create function api.may_be_told(e posko.endpoint) returns boolean
language sql stable
as $$
    select e.owner_id is null
    or exists (select from posko.assignment g join posko.account a on a.id = g.account_id
               where g.account_id = e.owner_id and g.role = 'admin' and g.revoked_at is null and a.disabled_at is null and g.starts_at <= posko.now()
                 and (g.ends_at is null or g.ends_at > posko.now()) and (g.operation_id is null or g.operation_id = e.operation_id) and (g.cleared or not e.cleared)
                 and api.covers(g.regions, e.region_code));
$$;
