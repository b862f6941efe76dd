-- Writes down that a promised voice note is in the store. Answers when it was kept and whether it was just now: the first to keep it stands.
create function api.keep_voice(p_report uuid, p_account int, p_seat int, p_kind text, p_object_key text)
returns table (kept_at timestamptz, is_new boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    w record;
begin
    select * into w from api.voice_promise(p_report, p_account, p_seat);
    if w.operation is null then
        raise 'report % promises no voice note', p_report using errcode = 'PK405';
    elsif not w.may_send then
        raise 'only who filed a report, or a desk, sends its voice note' using errcode = 'PK403';
    elsif not w.is_open then
        raise 'operation % takes no more voice notes', w.operation using errcode = 'PK409';
    end if;
    return query
    insert into posko.voice (report_id, operation_id, node_id, sha256, bytes, kind, object_key, account_id, kept_at)
    values (p_report, w.operation, w.node, w.sha256, w.bytes, p_kind, p_object_key, p_account, posko.now())
    on conflict (report_id) do nothing
    returning kept_at, true;
    if not found then
        return query select k.kept_at, false from posko.voice k where k.report_id = p_report;
    end if;
end;
$$;
