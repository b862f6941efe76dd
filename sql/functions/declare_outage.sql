-- Says that something over an area explains its silence, until an hour (a day at most), or that it is over (p_until null). Of any seven days
-- outages explain three at most, one after the other and whatever the cause: what is silent for longer must climb.
-- The second wall: the seat is looked up here; a place beyond it answers as one that does not exist (PK405, PK406).
create function api.declare_outage(p_id uuid, p_operation int, p_account int, p_seat int, p_code text, p_kind text, p_reason text, p_until timestamptz)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    o      posko.operation;
    u      posko.outage;
    v_node int;
    v_code text := p_code;
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    select * into u from posko.outage where id = p_id;
    if p_until is null or u.id is not null then
        select n.code into v_code from posko.node n where n.id = u.node_id and u.operation_id = p_operation;
    end if;
    select n.id into v_node from posko.node n where n.operation_id = p_operation and n.code = v_code and n.level < 6;
    if v_node is null or api.seat_level(p_account, p_seat, array['supervisor', 'admin'], o, v_code) is null then
        raise 'there is no % here', coalesce(p_code, 'such outage') using errcode = 'PK405'; -- not where the outage is
    elsif p_kind = 'pemeliharaan' and api.seat_level(p_account, p_seat, array['supervisor', 'admin'], o, o.root_code) is null then
        raise 'maintenance holds incidents too: a seat over the whole operation declares it' using errcode = 'PK403';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    elsif u.id is not null and p_until is not null then
        if (u.kind, u.reason, v_code) is distinct from (p_kind, p_reason, p_code) then
            raise 'outage % exists and says something else', p_id using errcode = 'PK411';
        end if;
        return o.version;
    elsif p_until is not null then
        if p_until <= api.clock(o) or p_until > api.clock(o) + interval '24 hours' then
            raise 'an outage lasts until a moment within the next 24 hours' using errcode = 'PK411';
        end if;
        if interval '72 hours' < (
                select sum(upper(s) - lower(s))
                from (select unnest(range_agg(w.stretch * tstzrange(p_until - interval '7 days', p_until))) as s
                      from (select tstzrange(x.began_at, coalesce(x.ended_at, x.until)) as stretch
                            from posko.outage x join posko.node n on n.id = v_node where x.operation_id = p_operation and x.node_id = any(n.path)
                            union all
                            select tstzrange(api.clock(o), p_until)) w) s) then
            raise 'outages explain the silence of % for 72 hours of seven days, and no longer', v_code using errcode = 'PK411';
        end if;
        insert into posko.outage (id, operation_id, node_id, kind, reason, account_id, began_at, until)
        values (p_id, p_operation, v_node, p_kind, p_reason, p_account, api.clock(o), p_until);
    elsif u.ended_at is not null then
        return o.version;
    else
        update posko.outage set ended_at = greatest(api.clock(o), u.began_at), ended_by = p_account where id = p_id;
    end if;
    update posko.operation set version = version + 1 where id = p_operation;
    return o.version + 1;
end;
$$;
