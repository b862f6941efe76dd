-- A report as whoever sends what it promises finds it: no row when it is beyond the seat.
-- The second wall: the seat is looked up here. Whoever filed the report finds it though it be terbatas and they are not cleared.
-- may_send: who filed it, and the desks of the place. is_open: the operation is active, or closed for less than a week, and its names are kept.
create function api.sendable_report(p_report uuid, p_account int, p_seat int)
returns table (operation int, node int, place text, restricts int, body json, may_send boolean, is_open boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select o.id, n.id, n.code, o.restricts, r.body,
           r.account_id = p_account or g.role in ('operator', 'supervisor', 'admin'),
           (o.state = 'active' or coalesce(o.closed_at > posko.now() - interval '7 days', false)) and o.names_until >= posko.now()::date
    from posko.report r
    join posko.operation o on o.id = r.operation_id
    join posko.node n on n.id = r.node_id
    join posko.assignment g on g.id = p_seat and g.account_id = p_account
    join posko.account a on a.id = p_account
    where r.id = p_report
      and g.revoked_at is null and g.starts_at <= posko.now() and (g.ends_at is null or g.ends_at > posko.now()) and a.disabled_at is null
      and g.role in ('petugas', 'operator', 'supervisor', 'admin', 'system')
      and (g.operation_id is null or g.operation_id in (o.id, o.restricts)) and api.covers(g.regions, n.code)
      and (o.restricts is null or g.cleared or r.account_id = p_account);
$$;
