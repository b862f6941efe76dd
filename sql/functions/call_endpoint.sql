-- Sends one endpoint a challenge, whose answer verifies it, or a test event, in place of one that waits: whoever has just mended a receiver is answered now.
-- Answers the event's id.
create function api.call_endpoint(p_account int, p_seat int, p_endpoint int, p_type text, p_data jsonb) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    e posko.endpoint := api.kept_endpoint(p_account, p_seat, p_endpoint, true);
    o posko.operation;
    v_key text := case p_type when 'endpoint.challenge' then 'challenge' else 'test' end;
begin
    select * into o from posko.operation where id = e.operation_id;
    if v_key = 'test' and e.state = 'unverified' then
        raise 'endpoint % is unverified: send it a challenge first', e.id using errcode = 'PK411';
    elsif v_key = 'challenge' and e.state <> 'unverified' or v_key = 'test' and e.state <> 'active' then
        raise 'endpoint % is %', e.id, e.state using errcode = 'PK411';
    end if;
    perform api.drop_deliveries(e.id, v_key, 'another was sent in its place');
    perform api.publish(o, o.version, array[row(p_type, n.id, v_key, 'escalation', api.clock(o), p_data)::posko.news], e.id)
    from posko.node n where n.operation_id = o.id and n.code = e.region_code;
    return (select v.uid from posko.delivery d join posko.event v on v.id = d.event_id where d.endpoint_id = e.id and d.key = v_key order by d.event_id desc limit 1);
end;
$$;
