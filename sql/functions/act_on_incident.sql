-- What somebody does about an incident: one action, one row of its log, one version; a move that is not legal changes nothing.
-- The second wall: the seat is looked up here; an incident beyond it answers as one that does not exist (PK406).
-- The same action said again by the same account within ten minutes, with nothing done in between, answers what it answered before.
-- p_details, by action: verification {state}, classification {category, severity}, merge {into}, parent {parent}, owner {username}, snooze {minutes},
-- delegation {tier}, referral and advice {addressee}, referral_done and advice_given {number}, location {latitude, longitude},
-- revote {kind, decider, by, on}, void {approval}.
create function api.act_on_incident(p_incident uuid, p_account int, p_seat int, p_action text, p_channel text, p_said text, p_details json)
returns table (version bigint, operation int, places text[], entry int)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    c_classified constant int := 20; -- times
    c_delegated  constant int := 3;
    o       posko.operation;
    i       posko.incident;
    n       posko.incident; -- as it becomes
    e       posko.escalation;
    last    posko.incident_entry;
    at      timestamptz;
    v_to    text;
    v_level int;
    v_entry int;
    v_places text[];
begin
    select op.* into o from posko.incident x join posko.operation op on op.id = x.operation_id where x.id = p_incident for update of op;
    select * into i from posko.incident where id = p_incident;
    v_level := case when i.id is not null then api.seat_level(p_account, p_seat,
        case when p_action = 'revote' then array['supervisor', 'admin'] else array['operator', 'supervisor', 'admin', 'system'] end, o, i.place) end;
    if v_level is null then
        raise 'there is no incident % here', p_incident using errcode = 'PK406';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    end if;
    at := greatest(api.clock(o), i.changed_at); -- a log does not run backwards, whatever somebody does to a drill's clock
    select * into last from posko.incident_entry where incident_id = i.id and seq = i.entries;
    if last.account_id = p_account and last.action = p_action and last.said is not distinct from p_said
       and last.details::text is not distinct from p_details::text and last.at > at - interval '10 minutes' then
        return query select i.version, o.id, array[i.place], last.seq;
        return;
    end if;
    select m.to_status into v_to from posko.incident_move m where m.action = p_action and m.from_status = i.status;
    if v_to is null then
        raise 'incident % is %: % is not possible', i.number, i.status, p_action using errcode = 'PK411';
    end if;
    -- What ends, slows or hides the climbing is done by the tier that it has climbed to, or above: no desk rids itself of what others know of.
    if v_level > i.tier and (p_action in ('acknowledgement', 'merge', 'snooze', 'delegation') or p_action = 'parent' and p_details->>'parent' is not null
            or p_action = 'classification' and array_position(array['rendah', 'sedang', 'tinggi', 'kritis'], p_details->>'severity') < coalesce(i.alleged, i.severity)) then
        raise 'incident % has climbed: % is for the %, or a tier above', i.number, p_action, api.level_name(i.tier) using errcode = 'PK411';
    end if;
    select * into e from posko.escalation where subject_id = i.id for update;
    n := i;
    n.status := v_to;
    v_places := array[i.place];

    case p_action
    when 'acknowledgement' then
        if i.status in ('diterima', 'ditangani') and e.state = 'accepted' then
            raise 'incident % is accepted already', i.number using errcode = 'PK411';
        end if;
        n.acknowledged_at := coalesce(i.acknowledged_at, at);
        n.owner_id := p_account;
        e.round := e.round + exists (select from posko.firing f where f.subject_id = i.id and f.round = e.round and f.step = e.step)::int;
        e.state := 'accepted';
    when 'handling' then
        n.owner_id := p_account;
    when 'resolution' then
        n.resolved_at := at;
        e.state := 'stopped';
    when 'closure' then
        n.closed_at := at;
    when 'reopening' then
        n.resolved_at := null; n.closed_at := null; n.acknowledged_at := null;
        n.acknowledge_by := at + e.acknowledge_within;
        n.resolve_by := at + e.resolve_within;
        -- As many rounds as a new one has, from this one on.
        e.repeats := e.repeats + e.round;
        e.state := 'climbing'; e.round := e.round + 1; e.step := 1; e.held_until := null;
        e.next_at := at + make_interval(secs => (e.steps->0->>'after_s')::int);
    when 'merge' then
        v_places := v_places || api.merge_incident(o, i, (p_details->>'into')::uuid, at, p_account, p_seat);
        n.merged_into := (p_details->>'into')::uuid;
        n.reports := 0;
        e.state := 'stopped';
    when 'void' then
        update posko.approval set used_at = posko.now()
        where id = (p_details->>'approval')::int and kind = 'void_incident' and decision = 'approved' and used_at is null and failed_at is null and details->>'incident' = i.id::text
          and operation_id = o.id and requested_by = p_account and decided_by <> p_account;
        if not found then
            raise 'voiding an incident needs the approval of a second person' using errcode = 'PK403';
        end if;
        e.state := 'stopped';
    when 'verification' then
        n.verification := p_details->>'state';
        n.proof := case when n.verification = 'terverifikasi' then p_said end;
    when 'classification' then
        n.category := p_details->>'category';
        n.severity := array_position(array['rendah', 'sedang', 'tinggi', 'kritis'], p_details->>'severity');
        n.alleged := null; -- judged
        if (select count(*) >= c_classified from posko.incident_entry where incident_id = i.id and action = 'classification') then
            raise 'incident % was classified % times, and is no more', i.number, c_classified using errcode = 'PK411';
        end if;
        n := api.climb_anew(o, i, n, at);
        n.peak := greatest(n.peak, i.severity);
        select * into e from posko.escalation where subject_id = i.id;
    when 'owner' then
        select a.id into n.owner_id from posko.account a
        where a.username = p_details->>'username' and a.disabled_at is null
          and exists (select from posko.assignment g
                      where g.account_id = a.id and api.seat_level(a.id, g.id, array['operator', 'supervisor', 'admin'], o, i.place) is not null);
        if n.owner_id is null then
            raise '% cannot work on this incident', p_details->>'username' using errcode = 'PK411';
        end if;
    when 'parent' then
        n.parent_id := (p_details->>'parent')::uuid;
        if n.parent_id is not null and (n.parent_id = i.id or exists (select from posko.incident c where c.parent_id = i.id) or not exists (
                select from posko.incident p where p.id = n.parent_id and p.operation_id = o.id and p.parent_id is null and api.is_open(p.status)
                                               and api.seat_level(p_account, p_seat, array['operator', 'supervisor', 'admin', 'system'], o, p.place) is not null)) then
            raise 'incident % cannot be a part of that one: it must be open, here, another, and no part of a third', i.number using errcode = 'PK411';
        end if;
    when 'snooze' then
        if e.state = 'exhausted' then
            raise 'incident % climbs no more', i.number using errcode = 'PK411';
        elsif e.next_at <= e.held_until then -- else one rest after the other would keep it from climbing
            raise 'incident % rests: it can rest again when its next step was taken', i.number using errcode = 'PK411';
        elsif (p_details->>'minutes')::int > (case when coalesce(i.alleged, i.severity) = 4 then 30 else 240 end) then
            raise 'an incident of this severity rests for % minutes at most', case when coalesce(i.alleged, i.severity) = 4 then 30 else 240 end using errcode = 'PK411';
        end if;
        e.held_until := at + make_interval(mins => (p_details->>'minutes')::int);
        e.next_at := greatest(e.next_at, e.held_until);
    when 'delegation' then
        n.tier := (p_details->>'tier')::int;
        if n.tier <= i.tier or n.tier > (select least(d.level, 5) from posko.node d where d.id = i.node_id) then
            raise 'incident % is given to a tier below the %, at or above its place', i.number, api.level_name(i.tier) using errcode = 'PK411';
        end if;
        if (select count(*) >= c_delegated from posko.incident_entry where incident_id = i.id and action = 'delegation') then
            raise 'incident % was handed down % times: it is for the %, or a tier above', i.number, c_delegated, api.level_name(i.tier) using errcode = 'PK411';
        end if;
        e.state := 'climbing'; e.round := e.round + 1;
        e.step := coalesce((select min(s.i) from jsonb_array_elements(e.steps) with ordinality as s(step, i) where (s.step->>'tier')::int <= n.tier), 1);
        -- Handing it down wins no time.
        e.next_at := least(e.next_at, at + make_interval(secs => (e.steps->(e.step - 1)->>'after_s')::int));
        e.held_until := null;
    when 'escalation' then
        e.step := (select min(s.i) from jsonb_array_elements(e.steps) with ordinality as s(step, i) where (s.step->>'tier')::int < i.tier);
        if e.step is null then
            raise 'incident % is at the top of its ladder', i.number using errcode = 'PK411';
        end if;
        e.round := e.round + exists (select from posko.firing f where f.subject_id = i.id and f.round = e.round and f.step >= e.step)::int;
        e.state := 'climbing'; e.next_at := at; e.held_until := null;
    when 'referral', 'advice' then
        if (select count(*) >= 200 from posko.incident_request where incident_id = i.id) then
            raise 'incident % has 200 referrals and questions, and takes no more', i.number using errcode = 'PK411';
        end if;
        -- A desk over the incident; an institution, and of whom advice is asked somebody there must be able to see it.
        if not exists (select from posko.node d where d.operation_id = o.id and d.level < 6 and d.code = p_details->>'addressee' and api.covers(array[d.code], i.place))
           and not exists (
               select from posko.institution t where t.code = p_details->>'addressee' and (p_action = 'referral' or exists (
                   select from posko.account a join posko.assignment g on g.account_id = a.id
                   where a.institution = t.code and api.seat_level(a.id, g.id, array['operator', 'supervisor', 'admin'], o, i.place) is not null))) then
            raise 'nobody is there at % who could see incident %', p_details->>'addressee', i.number using errcode = 'PK400', detail = '$.addressee', hint = 'addressee';
        end if;
        insert into posko.incident_request (incident_id, number, kind, addressee, question, asked_by, asked_at)
        select i.id, count(*) + 1, p_action, p_details->>'addressee', p_said, p_account, at from posko.incident_request where incident_id = i.id;
    when 'referral_done', 'advice_given' then
        if exists (select from posko.incident_request r where r.incident_id = i.id and r.number = (p_details->>'number')::int
                                                            and not api.may_answer(r, i, p_account, v_level)) then
            raise 'request % of incident % is for those whom it was addressed to, or a tier above that desk', p_details->>'number', i.number using errcode = 'PK403';
        end if;
        update posko.incident_request set answer = p_said, answered_by = p_account, answered_at = at
        where incident_id = i.id and number = (p_details->>'number')::int and kind = split_part(p_action, '_', 1) and answer is null;
        if not found then
            raise 'incident % has no open % of number %', i.number, split_part(p_action, '_', 1), p_details->>'number' using errcode = 'PK411';
        end if;
    when 'location' then
        n.latitude := (p_details->>'latitude')::float8; n.longitude := (p_details->>'longitude')::float8;
    when 'revote' then
        if i.revote_on is not null and p_details->>'on' is null then -- its TPS owe by the new day already
            raise 'incident %: the day of the revote is decided, %; say another', i.number, i.revote_on using errcode = 'PK411';
        end if;
        n.revote_kind := p_details->>'kind'; n.revote_decider := p_details->>'decider';
        n.revote_by := (p_details->>'by')::timestamptz; n.revote_on := (p_details->>'on')::date;
    when 'comment' then
        null;
    else
        raise 'incident %: % is not done by hand', i.number, p_action using errcode = 'PK411';
    end case;

    -- Who is overdue is overdue by what is due next.
    if n.overdue_at is not null and (not api.is_open(n.status) or at < case when n.acknowledged_at is null then n.acknowledge_by else n.resolve_by end) then
        n.overdue_at := null;
    end if;
    -- News keeps what was accepted from climbing again, until it should be solved: words alone do not solve it, and another name is no news.
    if e.state = 'accepted' and p_action <> 'classification' and (p_action = 'acknowledgement' or at < n.resolve_by) then
        e.next_at := case when e.quiet_after is not null then greatest(at + e.quiet_after, e.held_until) end;
    elsif e.state = 'stopped' then
        e.next_at := null;
        perform api.tell_ends(o, array[i.id]);
    end if;
    update posko.escalation set state = e.state, round = e.round, repeats = e.repeats, step = e.step, next_at = e.next_at, held_until = e.held_until where subject_id = i.id;
    update posko.operation set version = version + 1 where id = o.id;
    v_entry := api.enter(i, o.version + 1, at, p_account, p_channel, p_action, n.status, p_said, p_details);
    update posko.incident
    set status = n.status, verification = n.verification, proof = n.proof, category = n.category, severity = n.severity, peak = n.peak, alleged = n.alleged, tier = n.tier, owner_id = n.owner_id,
        acknowledge_by = n.acknowledge_by, resolve_by = n.resolve_by, acknowledged_at = n.acknowledged_at, reports = n.reports, resolved_at = n.resolved_at, closed_at = n.closed_at,
        overdue_at = n.overdue_at, parent_id = n.parent_id, merged_into = n.merged_into, latitude = n.latitude, longitude = n.longitude,
        revote_kind = n.revote_kind, revote_decider = n.revote_decider, revote_by = n.revote_by, revote_on = n.revote_on
    where id = i.id;

    case p_action
    when 'escalation' then
        perform api.take_steps(o, o.version + 1, at, array[i.id], true);
    when 'revote' then
        v_places := v_places || api.begin_revote(o, n, at, p_account, p_seat);
    else
        null;
    end case;

    perform api.roll_up(o.id, o.version + 1, null, array_agg(d.node_id), array_agg(d.slot), array_agg(d.value)) from api.case_deltas(i, n) d;
    perform api.stamp_places(o.version + 1, array[i.node_id]);
    perform api.publish_incidents(o, o.version + 1);
    return query select o.version + 1, o.id, v_places, v_entry;
end;
$$;
