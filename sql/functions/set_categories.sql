-- A new version of what incidents of an operation can be about, whole. Incidents keep the category that they have.
create function api.set_categories(p_operation int, p_account int, p_seat int, p_categories json) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    o         posko.operation;
    v_version int;
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    if o.id is null or api.seat_level(p_account, p_seat, array['supervisor', 'admin'], o, o.root_code) is null then
        raise 'there is no operation %', p_operation using errcode = 'PK404';
    elsif o.state = 'closed' then
        raise 'operation % is closed', p_operation using errcode = 'PK409';
    end if;
    select coalesce(max(version), 0) + 1 into v_version from posko.category where operation_id = p_operation;
    insert into posko.category (operation_id, version, position, code, label_id, label_en)
    select p_operation, v_version, row_number() over (), c.code, c.label_id, c.label_en
    from json_to_recordset(p_categories) as c(code text, label_id text, label_en text);
    -- Processes keep what they know of an operation until its layout moves.
    update posko.operation set version = version + 1, layout = layout + 1 where id = p_operation or restricts = p_operation;
    return v_version;
end;
$$;
