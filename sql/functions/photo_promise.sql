-- One photo that a report promises, for whoever is to send it: no row when there is no such promise, or it is beyond the seat.
create function api.photo_promise(p_report uuid, p_sha256 text, p_account int, p_seat int)
returns table (operation int, node int, place text, restricts int, "position" smallint, bytes int, may_send boolean, is_open boolean, kept_at timestamptz, width int, height int,
               is_gone boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select s.operation, s.node, s.place, s.restricts, p.position, p.bytes, s.may_send, s.is_open, k.kept_at, k.width, k.height, coalesce(k.gone_at is not null, false)
    from api.sendable_report(p_report, p_account, p_seat) s
    cross join lateral api.promised_photos(s.body) p
    left join posko.photo k on k.report_id = p_report and k.position = p.position
    where p.sha256 = p_sha256;
$$;
