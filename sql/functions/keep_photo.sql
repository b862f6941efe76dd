-- Writes down that a promised photo is in the store. Answers when it was kept and whether it was just now: the first to keep it stands.
create function api.keep_photo(p_report uuid, p_sha256 text, p_account int, p_seat int, p_kind text, p_width int, p_height int, p_object_key text)
returns table (kept_at timestamptz, is_new boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    w record;
begin
    select * into w from api.photo_promise(p_report, p_sha256, p_account, p_seat);
    if w.operation is null then
        raise 'report % promises no such photo', p_report using errcode = 'PK405';
    elsif not w.may_send then
        raise 'only who filed a report, or a desk, sends its photos' using errcode = 'PK403';
    elsif not w.is_open then
        raise 'operation % takes no more photos', w.operation using errcode = 'PK409';
    end if;
    return query
    insert into posko.photo (report_id, position, operation_id, node_id, sha256, bytes, kind, width, height, object_key, account_id, kept_at)
    values (p_report, w.position, w.operation, w.node, p_sha256, w.bytes, p_kind, p_width, p_height, p_object_key, p_account, posko.now())
    on conflict (report_id, position) do nothing
    returning kept_at, true;
    if not found then
        return query select k.kept_at, false from posko.photo k where k.report_id = p_report and k.position = w.position;
    end if;
end;
$$;
