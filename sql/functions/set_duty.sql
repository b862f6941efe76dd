-- What the desks of one level of an operation owe: a nihil (or an incident) by an hour, and again every so often; p_every null: nothing any more.
create function api.set_duty(p_operation int, p_account int, p_seat int, p_level int, p_first timestamptz, p_every interval) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    o      posko.operation;
    v_made int;
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    if o.id is null or api.seat_level(p_account, p_seat, array['supervisor', 'admin'], o, o.root_code) is null then
        raise 'there is no operation %', p_operation using errcode = 'PK404';
    elsif o.state = 'closed' then
        raise 'operation % is closed', p_operation using errcode = 'PK409';
    elsif p_every is null then
        delete from posko.duty d using posko.node n where d.operation_id = p_operation and n.id = d.node_id and n.level = p_level;
    else
        insert into posko.duty (node_id, operation_id, every, since, due_at)
        select n.id, p_operation, p_every, least(api.clock(o), p_first - p_every), p_first from posko.node n where n.operation_id = p_operation and n.level = p_level
        on conflict (node_id) do update set every = excluded.every, since = excluded.since, due_at = excluded.due_at;
    end if;
    get diagnostics v_made = row_count;
    update posko.operation set version = version + 1 where id = p_operation;
    return v_made;
end;
$$;
