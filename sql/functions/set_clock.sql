-- Sets the clock of a drill: what time it is in it now, and how many of its seconds pass in one. The lane that it has follows.
create function api.set_clock(p_operation int, p_account int, p_seat int, p_at timestamptz, p_speed double precision) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    o posko.operation;
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    if o.id is null or api.seat_level(p_account, p_seat, array['supervisor', 'admin', 'system'], o, o.root_code) is null then
        raise 'there is no operation %', p_operation using errcode = 'PK404';
    elsif o.state = 'closed' then
        raise 'operation % is closed', p_operation using errcode = 'PK409';
    elsif o.mode <> 'drill' then
        raise 'operation % is live: its clock is the wall clock', p_operation using errcode = 'PK411';
    end if;
    update posko.operation set clock_at = p_at, clock_set_at = posko.now(), clock_speed = p_speed, version = version + 1 where id = p_operation or restricts = p_operation;
    return o.version + 1;
end;
$$;
