-- Takes the next step of each of these climbings, all in one version: writes that it was taken, for which desk, and when the next is due.
-- A desk without anybody on duty is passed (kosong), the next step due at once; the last step is for somebody whatever the roster says.
-- Keeps promise 7: the key of posko.firing is what makes every (subject, round, step) happen once. The caller holds the operation's row.
create function api.take_steps(o posko.operation, p_version bigint, p_at timestamptz, p_ids uuid[], p_by_hand boolean) returns int
language plpgsql
as $$
declare
    v_taken int;
begin
    with taken as materialized (
        select e.*, e.steps->(e.step - 1) as doc, jsonb_array_length(e.steps) as last_step,
               n.path[greatest(1, least(cardinality(n.path) - (n.level = 6)::int, (e.steps->(e.step - 1)->>'tier')::int - o.root_level + 1))] as desk_id,
               e.state = 'accepted' as is_quiet,
               (select a.missing * 100 / greatest(a.expected, 1) from posko.alarm a where e.about = 'alarm' and a.id = e.subject_id) as missing_share
        from posko.escalation e join posko.node n on n.id = e.node_id
        where e.subject_id = any(p_ids)
    ), judged as materialized (
        select t.*, d.level as desk_level, d.code as desk_code,
               case when p_by_hand then 'by_hand'
                    when t.step < t.last_step and not api.is_staffed(o, d.code) then 'vacant'
                    else 'told' end as outcome
        from taken t join posko.node d on d.id = t.desk_id
    ), written as (
        insert into posko.firing (subject_id, round, step, node_id, due_at, fired_at, outcome)
        select subject_id, round, step, desk_id, least(next_at, p_at), p_at, outcome from judged
        returning subject_id
    ), moved as (
        update posko.escalation e
        set round = case when j.step < j.last_step or j.round > j.repeats then j.round else j.round + 1 end,
            step = case when j.step < j.last_step then j.step + 1 when j.round > j.repeats then j.step else 1 end,
            state = case when j.step < j.last_step or j.round <= j.repeats then 'climbing' else 'exhausted' end,
            next_at = case when j.outcome = 'vacant' then p_at
                           -- An alarm of which that much is missing comes to its next step at once.
                           when j.step < j.last_step and j.missing_share >= (j.steps->j.step->>'share')::int then p_at
                           when j.step < j.last_step then p_at + make_interval(secs => (j.steps->j.step->>'after_s')::int)
                           when j.round <= j.repeats then p_at + j.repeat_after end
        from judged j where e.subject_id = j.subject_id
    ), raised as (
        update posko.incident i
        set tier = least(i.tier, j.desk_level), entries = i.entries + 1, version = p_version, changed_at = greatest(i.changed_at, p_at)
        from judged j where j.about = 'incident' and i.id = j.subject_id
        returning i.id, i.entries, i.status, i.changed_at
    ), logged as (
        insert into posko.incident_entry (incident_id, seq, at, account_id, channel, action, from_status, to_status, details, version)
        select i.id, i.entries, i.changed_at, null, 'posko', case when j.outcome = 'vacant' then 'vacant' when j.is_quiet then 'quiet' else 'step' end, i.status, i.status,
               json_build_object('round', j.round, 'step', j.step, 'tier', j.desk_level, 'desk', j.desk_code), p_version
        from raised i join judged j on j.subject_id = i.id
        where not p_by_hand
    ), alarmed as (
        update posko.alarm a set version = p_version from judged j where j.about = 'alarm' and a.id = j.subject_id
    ), hastened as (
        update posko.directive_late l set version = p_version from judged j where j.about = 'directive' and l.id = j.subject_id
    )
    select count(*) into v_taken from written;
    perform api.tell_steps(o, p_at, p_ids);
    -- By hand the caller writes the log, with who did it and why.
    if p_by_hand then
        update posko.incident set entries = entries - 1 where id = any(p_ids);
    else
        perform api.stamp_places(p_version, array_agg(i.node_id)) from posko.incident i where i.id = any(p_ids);
        perform api.publish_incidents(o, p_version);
        perform api.publish_alarms(o, p_version, 'alarm.escalated', p_ids, p_at);
        perform api.publish_late(o, p_version, 'directive.escalated', p_ids, p_at);
    end if;
    return v_taken;
end;
$$;
