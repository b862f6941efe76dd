-- A new version of what each grade asks for in an operation, whole; TPS that are short by it are counted in the same version of the operation.
create function api.set_guard_patterns(p_operation int, p_account int, p_seat int, p_patterns json) returns table (pattern_version int, version bigint, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o         posko.operation;
    v_version int;
    v_nodes   int[];
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    if o.id is null or api.seat_level(p_account, p_seat, array['supervisor', 'admin'], o, o.root_code) is null then
        raise 'there is no operation %', p_operation using errcode = 'PK404';
    elsif o.state <> 'active' then
        raise 'operation % is %', p_operation, o.state using errcode = 'PK409';
    end if;
    select coalesce(max(p.version), 0) + 1 into v_version from posko.guard_pattern p where p.operation_id = p_operation;
    insert into posko.guard_pattern (operation_id, version, grade, polri, tps, linmas, author_id, made_at)
    select p_operation, v_version, p.grade, p.polri, p.tps, p.linmas, p_account, posko.now()
    from json_to_recordset(p_patterns) as p(grade text, polri smallint, tps smallint, linmas smallint);
    update posko.operation set version = version + 1 where id = p_operation;
    select array_agg(n.id) into v_nodes from posko.node n join posko.tps t on t.node_id = n.id where n.operation_id = p_operation and t.police_grade is not null;
    perform api.roll_up_ready(p_operation, o.version + 1, v_nodes);
    return query select v_version, o.version + 1, array[o.root_code];
end;
$$;
