-- What a place says to a directive: receipt, acceptance, refusal (why), completion (with proof), answer. One move, one row of its log, one version; a move
-- that is not legal changes nothing (PK411). The same said again answers as before, and so does a receipt for what was read.
-- The second wall: the seat is looked up here; a place beyond it, or one that is no target, answers as one that does not exist (PK406).
create function api.answer_directive(p_directive uuid, p_account int, p_seat int, p_place text, p_action text, p_said text, p_proof text, p_report uuid)
returns table (version bigint, operation int, restricts int, state text, changed_at timestamptz, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o      posko.operation;
    d      posko.directive;
    i      posko.incident;
    t      posko.directive_target;
    n      posko.directive_target; -- as it becomes
    e      posko.directive_entry;  -- as it was said before
    at     timestamptz;
    v_to   text;
    v_ended uuid[];
    v_roles text[] := array['operator', 'supervisor', 'admin', 'system'];
    v_places text[] := array[p_place];
begin
    select op.* into o from posko.directive x join posko.operation op on op.id = x.operation_id where x.id = p_directive for update of op;
    select * into d from posko.directive where id = p_directive;
    select * into t from posko.directive_target where directive_id = p_directive and place = p_place;
    if exists (select from posko.node where id = t.node_id and level = 6) then
        v_roles := v_roles || 'petugas'::text;
    end if;
    if t.node_id is null or api.seat_level(p_account, p_seat, v_roles, o, p_place) is null then
        raise 'there is no directive % to % here', p_directive, p_place using errcode = 'PK406';
    end if;
    select min(m.to_state) into v_to from posko.directive_move m where m.requires = d.requires and m.action = p_action;
    select * into e from posko.directive_entry where node_id = t.node_id and directive_id = d.id and to_state = v_to;
    if (e.account_id, e.said, e.proof, e.report_id) is not distinct from (p_account, p_said, p_proof, p_report)
       or p_action = 'receipt' and t.state not in ('terkirim', 'ditarik') then
        return query select t.version, o.id, o.restricts, t.state, t.changed_at, '{}'::text[];
        return;
    elsif v_to is null then
        raise 'directive % requires %: % is no answer to it', d.number, d.requires, p_action using errcode = 'PK411';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    elsif d.withdrawn_at is not null then
        raise 'directive % was withdrawn', d.number using errcode = 'PK411';
    elsif not exists (select from posko.directive_move m where (m.requires, m.action, m.from_state) = (d.requires, p_action, t.state)) then
        raise 'directive % is % at %: % is not possible', d.number, t.state, p_place, p_action using errcode = 'PK411';
    elsif p_report is not null and not exists (
            select from posko.report r join posko.node p on p.id = r.node_id
            where r.id = p_report and r.operation_id in (o.id, o.restricts) and api.covers(array[p_place], p.code)) then
        raise 'there is no report % of %', p_report, p_place using errcode = 'PK400', detail = '$.report', hint = 'report-of-place';
    end if;

    at := greatest(api.clock(o), t.changed_at);
    update posko.operation set version = version + 1 where id = o.id returning * into o;
    insert into posko.directive_entry (node_id, directive_id, to_state, requires, action, from_state, at, account_id, said, proof, report_id)
    values (t.node_id, d.id, v_to, d.requires, p_action, t.state, at, p_account, p_said, p_proof, p_report);
    update posko.directive_target set state = v_to, changed_at = at, version = o.version where node_id = t.node_id and directive_id = d.id returning * into n;
    perform api.count_directive(o, d.id, t, n);
    if t.is_open and not n.is_open and t.overdue_at is not null then
        with answered as (
            update posko.directive_late l set missing = missing - 1, version = o.version, closed_at = case when missing = 1 then greatest(at, opened_at) end
            where l.directive_id = d.id and l.node_id = t.desk_id and l.closed_at is null
            returning l.id, l.missing
        ), stopped as (
            update posko.escalation x set state = 'stopped', next_at = null from answered a where x.subject_id = a.id and a.missing = 0 returning x.subject_id
        )
        select array_agg(subject_id) into v_ended from stopped;
        perform api.tell_ends(o, v_ended);
    end if;
    select * into d from posko.directive where id = d.id;
    if d.state = 'sent' and d.unanswered = 0 and t.is_open and not n.is_open then
        perform api.publish_directive(o, 'directive.completed', d.id, at);
    end if;
    if d.incident_id is not null and d.state = 'sent' and d.unanswered = 0 and t.is_open and not n.is_open then
        select * into i from posko.incident where id = d.incident_id;
        perform api.enter(i, o.version, greatest(at, i.changed_at), p_account, 'desk', 'directive_result', i.status,
                          case when d.targets = 1 then coalesce(p_said, p_proof) end,
                          json_build_object('directive', d.id, 'number', d.number, 'targets', d.targets, 'done', d.done, 'refused', d.refused));
        perform api.stamp_places(o.version, array[i.node_id]);
        perform api.publish_incidents(o, o.version);
        v_places := v_places || i.place;
    end if;
    return query select o.version, o.id, o.restricts, n.state, n.changed_at, v_places;
end;
$$;
