-- Makes a draft operation with its milestones and contests, and lays out its counters. Regions and TPS are loaded after.
create function api.create_operation(
    p_name text, p_mode text, p_root text, p_root_level int, p_starts_on date, p_voting_day date, p_estimated bool, p_milestones json, p_contests json
) returns int
language plpgsql
as $$
declare
    v_id int;
begin
    insert into posko.operation (name, mode, root_code, root_level, starts_on, voting_day, tps_estimated, created_at, names_until)
    values (p_name, p_mode, p_root, p_root_level, p_starts_on, p_voting_day, p_estimated, posko.now(), greatest(p_voting_day, posko.now()::date) + 365)
    on conflict (name) do nothing -- of two at once, one
    returning id into v_id;
    if v_id is null then
        raise 'an operation named % exists', p_name using errcode = 'PK411', detail = '$.name', hint = 'name-taken';
    end if;

    insert into posko.milestone (operation_id, code, position, label_id, label_en, day, planned, grace)
    select v_id, m.code, m.position, m.label_id, m.label_en, m.day, m.planned, make_interval(mins => m.grace_minutes)
    from json_to_recordset(p_milestones) as m(code text, position smallint, label_id text, label_en text, day smallint, planned time, grace_minutes int);

    perform api.write_contests(v_id, p_contests);
    perform api.lay_out(v_id);
    return v_id;
end;
$$;
