-- Takes a directive back: no more of it is sent, nobody answers it, nothing climbs for it. What was answered stays. Taken back in chunks, like it was sent.
-- The second wall: the seat is looked up here; a directive from a desk beyond it is not for it to take back (PK403), one that it does not see does not
-- exist (PK406).
create function api.withdraw_directive(p_directive uuid, p_account int, p_seat int, p_why text, p_limit int)
returns table (version bigint, operation int, restricts int, place text, number int, places text[], is_new bool)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o        posko.operation;
    d        posko.directive;
    i        posko.incident;
    at       timestamptz;
    v_places text[];
    v_ended  uuid[];
begin
    select op.* into o from posko.directive x join posko.operation op on op.id = x.operation_id where x.id = p_directive for update of op;
    select * into d from posko.directive where id = p_directive;
    if d.id is null or api.seat_level(p_account, p_seat, array['operator', 'supervisor', 'admin'], o, d.place) is null then
        if exists (select from posko.assignment g cross join lateral api.directive_seen(d.id, g.regions) where g.id = p_seat and g.account_id = p_account) then
            raise 'directive % is taken back by the desk that it is from, %', d.number, d.place using errcode = 'PK403';
        end if;
        raise 'there is no directive % here', p_directive using errcode = 'PK406';
    elsif d.withdrawn_by = p_account and d.withdrawn_why = p_why then
        return query select d.version, o.id, o.restricts, d.place, d.number, '{}'::text[], false;
        return;
    elsif d.withdrawn_at is not null then
        raise 'directive % was withdrawn', d.number using errcode = 'PK411';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    end if;
    select * into i from posko.incident where id = d.incident_id;
    at := greatest(api.clock(o), d.issued_at, i.changed_at);
    update posko.operation set version = version + 1 where id = o.id returning * into o;
    update posko.directive set state = 'withdrawing', withdrawn_at = at, withdrawn_by = p_account, withdrawn_why = p_why where id = d.id;
    with ended as (
        update posko.directive_late set closed_at = greatest(at, opened_at), version = o.version where directive_id = d.id and closed_at is null returning id
    ), stopped as (
        update posko.escalation e set state = 'stopped', next_at = null from ended where e.subject_id = ended.id returning e.subject_id
    )
    select array_agg(subject_id) into v_ended from stopped;
    perform api.tell_ends(o, v_ended);
    v_places := api.take_back_directive(o, d.id, at, p_limit);
    perform api.publish_directive(o, 'directive.withdrawn', d.id, at);
    if i.id is not null then
        perform api.enter(i, o.version, at, p_account, 'desk', 'directive_withdrawn', i.status, p_why, json_build_object('directive', d.id, 'number', d.number));
        v_places := v_places || i.place;
        perform api.stamp_places(o.version, array[i.node_id]);
        perform api.publish_incidents(o, o.version);
    end if;
    return query select o.version, o.id, o.restricts, d.place, d.number, v_places, true;
end;
$$;
