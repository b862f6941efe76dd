-- Decides what there is to tell and makes the messages, for at most p_limit groups that are due; answers how many groups it looked at.
-- Told is: a new group that still fires; a change, not sooner than p_quiet after the last telling; nothing new, but still firing p_repeat after it;
-- all resolved, once, which closes the group. Whoever became a contact since the last telling is told that one. What was resolved before anybody was told is never told, nor what an operation that is closed leaves.
create function api.tell_due(p_quiet interval, p_repeat interval, p_limit int) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    at    timestamptz := posko.now();
    v_due bigint[];
begin
    perform pg_advisory_xact_lock_shared(api.contacts_lock());
    -- Locked in a statement of its own: the next one sees every member that was written before the lock was had.
    v_due := array(select n.id from posko.notice n where n.closed_at is null and n.next_at <= at order by n.next_at limit p_limit for update skip locked);
    if v_due = '{}' then
        return 0;
    end if;
    with judged as (
        select n.id, n.telling, case
                   when o.state <> 'active' or n.telling = 0 and k.firing = 0 then 'close'
                   when n.telling > 0 and k.firing = 0 and n.quiet_until <= at then 'resolved'
                   when not exists (select from api.contacts_of(n.id)) then 'nobody'
                   when n.telling = 0 then 'new'
                   when k.changed and n.quiet_until <= at then 'changed'
                   when n.told_at + p_repeat <= at then 'repeat'
                   else 'wait'
               end as what, case when k.changed then least(n.quiet_until, n.told_at + p_repeat) else n.told_at + p_repeat end as then_at
        from posko.notice n
        join posko.operation o on o.id = n.operation_id
        cross join lateral (
            select count(*) filter (where m.state = 'firing') as firing,
                   coalesce(bool_or(case m.state when 'firing' then (m.told_state, m.told_severity) is distinct from ('firing', m.severity)
                                                 else m.told_state = 'firing' end), false) as changed
            from posko.notice_member m where m.notice_id = n.id
        ) as k
        where n.id = any(v_due)
    ), told as (
        insert into posko.telling (notice_id, number, at, why, about)
        select j.id, j.telling + 1, at, j.what, api.about_notice(j.id)
        from judged j where j.what in ('new', 'changed', 'repeat', 'resolved')
        returning notice_id, number
    ), sent as (
        insert into posko.message (id, notice_id, telling, contact_id, channel, created_at, next_at)
        select gen_random_uuid(), t.notice_id, t.number, c.id, c.channel, at, at
        from (select * from told union all select j.id, j.telling from judged j where j.what = 'wait') as t
        cross join lateral api.contacts_of(t.notice_id) as c
        on conflict (notice_id, telling, contact_id) do nothing
    ), remembered as (
        update posko.notice_member m set told_state = m.state, told_severity = m.severity
        from told t where m.notice_id = t.notice_id and (m.told_state, m.told_severity) is distinct from (m.state, m.severity)
          and (m.state = 'firing' or m.told_state is not null)
    )
    update posko.notice n
    set telling = coalesce(t.number, n.telling),
        told_at = case when t.number is null then n.told_at else at end,
        quiet_until = case when t.number is null then n.quiet_until else at + p_quiet end,
        closed_at = case when j.what in ('close', 'resolved') then at end,
        next_at = case j.what when 'wait' then j.then_at when 'nobody' then 'infinity' else at + p_repeat end
    from judged j left join told t on t.notice_id = j.id
    where n.id = j.id;
    perform api.drop_stale_messages(at);
    return cardinality(v_due);
end;
$$;
