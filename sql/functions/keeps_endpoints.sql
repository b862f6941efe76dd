-- Whether a seat keeps the endpoints of a region: an admin's that covers it and the operation, cleared if they are. Without a seat only the owner at
-- the command line does.
create function api.keeps_endpoints(p_account int, p_seat int, o posko.operation, p_region text, p_cleared boolean) returns boolean
language sql stable
as $$
    select p_seat is null and current_setting('role') = 'none'
    or api.seat_level(p_account, p_seat, array['admin'], o, p_region) is not null
       and (not p_cleared or exists (select from posko.assignment g where g.id = p_seat and g.cleared));
$$;
