-- Issues a directive from a desk to places below it: numbers it, writes its first targets, says so in its incident's log. What does not fit into one chunk
-- is written by api.expand_directives. The same id with the same words answers as before (is_new false); with others it is refused (PK411).
-- The second wall: the seat is looked up here; a desk or incident beyond it answers as one that does not exist (PK405, PK406).
-- p_audience: {kind: desks, region, level}, {kind: tps, region}, {kind: places, places} or {kind: incident}. A directive about an incident lives where the
-- incident does: of a restricted one in the lane.
create function api.issue_directive(
    p_id uuid, p_operation int, p_account int, p_seat int, p_from text, p_kind text, p_requires text, p_text text, p_due_at timestamptz, p_audience jsonb,
    p_incident uuid, p_request int, p_template text, p_limit int
) returns table (version bigint, operation int, restricts int, number int, places text[], is_new bool)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    c_most   constant int := 20000;
    o        posko.operation;
    f        posko.node;     -- of the roster's operation: a lane has the same regions
    i        posko.incident;
    d        posko.directive;
    at       timestamptz;
    v_seat   constant text[] := array['operator', 'supervisor', 'admin'];
    v_places text[];
    v_targets int;
begin
    select * into o from posko.operation where id = p_operation;
    if o.id is null or api.seat_level(p_account, p_seat, v_seat, o, p_from) is null then
        raise 'there is no % here', p_from using errcode = 'PK405';
    end if;
    if p_incident is not null then
        -- One that is terbatas takes the directive into its lane; whoever may not know of it hears what they would hear of none.
        select x.* into i from posko.incident x join posko.operation op on op.id = x.operation_id where x.id = p_incident and p_operation in (op.id, op.restricts);
        select * into o from posko.operation where id = i.operation_id;
        if i.id is null or api.seat_level(p_account, p_seat, v_seat, o, i.place) is null then
            raise 'there is no incident % here', p_incident using errcode = 'PK406';
        end if;
    end if;
    select * into f from posko.node where operation_id = coalesce(o.restricts, o.id) and code = p_from and level < 6;
    if f.id is null then
        raise 'there is no desk % here', p_from using errcode = 'PK405';
    end if;
    v_places := api.directive_places(f.operation_id, f, p_audience, i.place);
    -- Counted before anybody has to wait for it: an active operation's tree stays as it is.
    v_targets := coalesce(cardinality(v_places), (select count(*) from api.directive_audience(f.operation_id, p_audience, null, '', null)));
    if v_targets = 0 then
        raise 'this directive is for nobody' using errcode = 'PK400', detail = '$.to', hint = 'targets';
    elsif v_targets > c_most then
        raise 'this directive would go to % places: % at most', v_targets, c_most using errcode = 'PK400', detail = '$.to', hint = 'targets-limit';
    end if;

    select * into o from posko.operation where id = o.id for update;
    select * into d from posko.directive where id = p_id;
    if d.id is not null then
        if (d.operation_id, d.place, d.kind, d.requires, d.text, d.due_at, d.audience, d.incident_id, d.request, d.template, d.account_id) is distinct from
           (o.id, p_from, p_kind, p_requires, p_text, p_due_at, p_audience, p_incident, p_request::smallint, p_template, p_account) then
            raise 'a directive with the id % exists and says something else', p_id using errcode = 'PK411';
        end if;
        return query select d.version, o.id, o.restricts, d.number, '{}'::text[], false;
        return;
    end if;
    at := api.clock(o);
    select * into i from posko.incident where id = p_incident;
    if o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    elsif p_due_at <= at or p_due_at > at + interval '30 days' then
        raise 'the deadline must lie after now (%) and within 30 days', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            using errcode = 'PK400', detail = '$.deadline', hint = 'deadline';
    elsif p_template is not null and not exists (select from api.directive_templates(coalesce(o.restricts, o.id)) as t where t.code = p_template) then
        raise 'there is no template %', p_template using errcode = 'PK400', detail = '$.template', hint = 'template';
    elsif i.id is not null and not exists (select from posko.incident_move m where m.action = 'directive' and m.from_status = i.status) then
        raise 'incident % is %: no directive is given about it', i.number, i.status using errcode = 'PK411';
    elsif p_request is not null and not exists (
            select from posko.incident_request r where r.incident_id = i.id and r.number = p_request and r.kind = 'advice') then
        raise 'the incident has no request for advice of number %', p_request using errcode = 'PK400', detail = '$.request', hint = 'request';
    elsif exists (select from posko.incident_request r where r.incident_id = i.id and r.number = p_request and not api.may_answer(r, i, p_account, f.level)) then
        raise 'request % of incident % is for those whom it was addressed to, or a tier above that desk', p_request, i.number using errcode = 'PK403';
    end if;
    at := greatest(at, i.changed_at); -- a log does not run backwards

    update posko.operation set version = version + 1, directives = directives + 1 where id = o.id returning * into o;
    insert into posko.directive (id, operation_id, number, node_id, place, kind, requires, text, due_at, audience, places, incident_id, request, template,
                                 account_id, issued_at, state, targets, version)
    select p_id, o.id, o.directives, n.id, n.code, p_kind, p_requires, p_text, p_due_at, p_audience, v_places, p_incident, p_request, p_template,
           p_account, at, 'sending', v_targets, o.version
    from posko.node n where n.operation_id = o.id and n.code = p_from
    returning * into d;
    if i.id is not null then
        -- The directive is the advice that was asked for, unless that was given otherwise.
        update posko.incident_request r set answer = left(p_text, 2000), answered_by = p_account, answered_at = at
        where r.incident_id = i.id and r.number = p_request and r.answer is null and length(p_text) >= 3;
        update posko.escalation e set next_at = greatest(at + e.quiet_after, e.held_until) where e.subject_id = i.id and e.state = 'accepted' and at < i.resolve_by;
        perform api.enter(i, o.version, at, p_account, 'desk', 'directive', i.status, p_text,
                          json_build_object('directive', d.id, 'number', d.number, 'kind', d.kind, 'requires', d.requires, 'targets', d.targets, 'request', d.request));
    end if;
    v_places := api.send_directive(o, d, at, p_limit) || array_remove(array[i.place], null);
    perform api.publish_directive(o, 'directive.issued', d.id, at);
    if i.id is not null then
        perform api.stamp_places(o.version, array[i.node_id]);
        perform api.publish_incidents(o, o.version);
    end if;
    return query select o.version, o.id, o.restricts, d.number, v_places, true;
end;
$$;
