-- A team was briefed (pembekalan), or is there; p_is false takes it back. A mark that stands keeps its first hour, and changes nothing (no version).
-- The second wall: the seat is looked up here; a team beyond it answers as one that does not exist (PK406).
create function api.mark_team(p_team int, p_account int, p_seat int, p_mark text, p_is bool) returns table (version bigint, operation int, place text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o      posko.operation;
    t      posko.team;
    v_code text;
begin
    select op.* into o from posko.team w join posko.operation op on op.id = w.operation_id where w.id = p_team for update of op;
    select * into t from posko.team where id = p_team and withdrawn_at is null;
    select n.code into v_code from posko.node n where n.id = t.node_id;
    if t.id is null or api.seat_level(p_account, p_seat, array['petugas', 'operator', 'supervisor', 'admin', 'system'], o, v_code) is null then
        raise 'there is no team % here', p_team using errcode = 'PK406';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    elsif p_is = (case p_mark when 'briefing' then t.briefed_at else t.present_at end is not null) then
        return query select null::bigint, o.id, v_code;
        return;
    end if;
    update posko.operation set version = version + 1 where id = o.id;
    if p_mark = 'briefing' then
        update posko.team set briefed_at = case when p_is then api.clock(o) end, briefed_by = case when p_is then p_account end, version = o.version + 1 where id = t.id;
    else
        update posko.team set present_at = case when p_is then api.clock(o) end, present_by = case when p_is then p_account end, version = o.version + 1 where id = t.id;
    end if;
    perform api.roll_up_ready(o.id, o.version + 1, array[t.node_id]);
    return query select o.version + 1, o.id, v_code;
end;
$$;
