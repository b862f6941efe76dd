-- The voice note that a report promises, for whoever is to send it: no row when it promises none, or is beyond the seat.
create function api.voice_promise(p_report uuid, p_account int, p_seat int)
returns table (operation int, node int, place text, restricts int, sha256 text, bytes int, may_send boolean, is_open boolean, kept_at timestamptz, is_gone boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select s.operation, s.node, s.place, s.restricts, p.sha256, p.bytes, s.may_send, s.is_open, k.kept_at, coalesce(k.gone_at is not null, false)
    from api.sendable_report(p_report, p_account, p_seat) s
    cross join lateral api.promised_voice(s.body) p
    left join posko.voice k on k.report_id = p_report;
$$;
