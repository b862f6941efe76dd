-- A new version of an operation's rules, whole. What is climbing goes on by the rule that it began with.
-- p_version: of the rules that these were made out of (0: the operation had none of its own); null when that does not matter. Keeps nobody's change from being lost unseen.
create function api.set_rules(p_operation int, p_account int, p_seat int, p_rules json, p_version int default null) returns int
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
    select coalesce(max(version), 0) + 1 into v_version from posko.rule where operation_id = p_operation;
    if p_version <> v_version - 1 then
        raise 'these rules are of version %, by now there is %', p_version, v_version - 1 using errcode = 'PK411';
    end if;
    insert into posko.rule (operation_id, version, position, name, about, kinds, severities, stages, steps, repeats, repeat_after, quiet_after, acknowledge_within,
                            resolve_within, author_id, made_at)
    select p_operation, v_version, row_number() over (), r.name, r.about, r.kinds, r.severities, r.stages, r.steps, r.repeats,
           make_interval(mins => r.repeat_after_min), make_interval(mins => r.quiet_after_min), make_interval(mins => r.acknowledge_within_min),
           make_interval(mins => r.resolve_within_min), p_account, posko.now()
    from json_to_recordset(p_rules) as r(name text, about text, kinds text[], severities smallint[], stages text[], steps jsonb, repeats smallint,
                                         repeat_after_min int, quiet_after_min int, acknowledge_within_min int, resolve_within_min int);
    update posko.operation set version = version + 1 where id = p_operation;
    return v_version;
end;
$$;
