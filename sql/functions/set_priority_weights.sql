-- A new version of how much the named reasons count in an operation; what is not named counts as by default.
create function api.set_priority_weights(p_operation int, p_account int, p_seat int, p_weights json) returns int
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
    select coalesce(max(version), 0) + 1 into v_version from posko.priority_weight where operation_id = p_operation;
    insert into posko.priority_weight (operation_id, version, code, points, most, author_id, made_at)
    select p_operation, v_version, w.code, w.points, w.most, p_account, posko.now()
    from json_to_recordset(p_weights) as w(code text, points smallint, most smallint);
    update posko.operation set version = version + 1 where id = p_operation;
    return v_version;
end;
$$;
