-- What there is to say of a notice now: where, which operation, how many and how bad, and its first ten members, the worst of the firing first.
-- The hours are the operation's: in a drill when its step was taken, else its clock reckoned back.
-- Resolved are those that the desk does not know to be; when nothing fires any more, all that it was ever told of.
create function api.about_notice(p_notice bigint) returns json
language sql stable
as $$
    with said as (
        select m.member, m.text_id, m.text_en, m.severity, m.state,
               coalesce(case when o.clock_at is not null and m.state = 'firing' and m.member ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then (
                            select min(f.fired_at) from posko.firing f where f.subject_id = m.member::uuid and f.node_id = n.node_id) end,
                        api.on_clock(o, case m.state when 'firing' then m.fired_at else m.changed_at end)) as at,
               api.on_clock(o, m.fired_at) as fired_at
        from posko.notice_member m
        join posko.notice n on n.id = m.notice_id
        join posko.operation o on o.id = n.operation_id
        where m.notice_id = p_notice
          and (m.state = 'firing' or m.told_state = 'firing'
               or m.told_state is not null and not exists (select from posko.notice_member f where f.notice_id = p_notice and f.state = 'firing'))
    )
    select json_build_object(
        'operation', coalesce(o.restricts, o.id), 'operation_name', coalesce(r.name, o.name), 'is_drill', o.mode = 'drill', 'is_restricted', o.restricts is not null,
        'place', p.code, 'place_name', p.name, 'utc_offset', p.utc_offset,
        'firing', k.firing, 'resolved', k.resolved, 'severity', k.severity, 'since', k.since,
        'members', (
            select coalesce(json_agg(json_build_object('text_id', f.text_id, 'text_en', f.text_en, 'severity', f.severity, 'state', f.state,
                                                       'at', f.at)), '[]')
            from (select * from said s order by s.state, api.severity_rank(s.severity) desc, s.at, s.member limit 10) as f))
    from posko.notice n
    join posko.node p on p.id = n.node_id
    join posko.operation o on o.id = n.operation_id
    left join posko.operation r on r.id = o.restricts
    cross join lateral (
        select count(*) filter (where s.state = 'firing') as firing, count(*) filter (where s.state = 'resolved') as resolved,
               (array_agg(s.severity order by s.state, api.severity_rank(s.severity) desc))[1] as severity,
               coalesce(min(s.at) filter (where s.state = 'firing'), min(s.fired_at)) as since
        from said s
    ) as k
    where n.id = p_notice;
$$;
