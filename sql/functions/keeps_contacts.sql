-- Whether a seat says who is told at a desk: an admin's that covers the region and the operation, cleared if they are to be.
create function api.keeps_contacts(p_account int, p_seat int, p_operation int, p_region text, p_cleared boolean) returns boolean
language sql stable
return p_seat is null and current_setting('role') = 'none'
    or exists (select from posko.assignment g join posko.account a on a.id = g.account_id
               where g.id = p_seat and g.account_id = p_account and g.role = 'admin' and g.revoked_at is null and a.disabled_at is null
                 and g.starts_at <= posko.now() and (g.ends_at is null or g.ends_at > posko.now())
                 and (g.operation_id is null or g.operation_id = p_operation) and (g.cleared or not p_cleared) and api.covers(g.regions, p_region));
