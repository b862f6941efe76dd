-- Members of groups fire or are resolved, within the caller's transaction: the desks of these nodes are told by whoever runs api.tell_due,
-- after p_wait when the group is new, and as posko.notice says when it is not. Position i of every array is one member; the last word on a member counts.
-- p_channels null: every channel that the desk has; a group keeps the channels that it was ever asked to be told by, and who has one of the new ones
-- is told at once what the others were told last. p_severities is null for what is resolved. The texts are labels made of our own words: no names of persons, nothing that a reporter wrote.
-- A desk without contacts is no error: its groups are kept for a later one. Raises PK405 for a node of another operation.
create function api.notify_many(p_operation int, p_nodes int[], p_groups text[], p_members text[], p_states text[], p_severities text[],
                                p_texts_id text[], p_texts_en text[], p_channels text[], p_wait interval) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    at timestamptz := posko.now();
begin
    if exists (select from unnest(p_nodes) as s(node) where not exists (select from posko.node n where n.id = s.node and n.operation_id = p_operation)) then
        raise 'a node to be told is none of operation %', p_operation using errcode = 'PK405';
    end if;
    -- A group's row is locked before its members are looked at, by everybody and in this order.
    perform from posko.notice n
    where n.closed_at is null and (n.node_id, n.group_key) in (select * from unnest(p_nodes, p_groups))
    order by n.node_id, n.group_key
    for no key update;
    insert into posko.notice as n (operation_id, node_id, group_key, channels, opened_at, next_at)
    select p_operation, s.node, s.group_key, p_channels, at, at + p_wait
    from unnest(p_nodes, p_groups, p_states) as s(node, group_key, state)
    where s.state = 'firing'
    group by s.node, s.group_key
    order by s.node, s.group_key
    on conflict (node_id, group_key) where closed_at is null do update
    set channels = case when excluded.channels is not null then (select array_agg(distinct c) from unnest(n.channels || excluded.channels) as c) end,
        next_at = least(n.next_at, case when n.telling = 0 then excluded.next_at else at end)
    where n.channels is not null and (excluded.channels is null or not n.channels @> excluded.channels);

    with said as (
        select distinct on (n.id, s.member) n.id, s.member, s.state, s.severity, api.one_line(s.text_id) as text_id, api.one_line(s.text_en) as text_en
        from unnest(p_nodes, p_groups, p_members, p_states, p_severities, p_texts_id, p_texts_en) with ordinality
             as s(node, group_key, member, state, severity, text_id, text_en, position)
        join posko.notice n on n.node_id = s.node and n.group_key = s.group_key and n.closed_at is null
        order by n.id, s.member, s.position desc
    ), fired as (
        insert into posko.notice_member as m (notice_id, member, severity, text_id, text_en, state, fired_at, changed_at)
        select s.id, s.member, coalesce(s.severity, 'sedang'), coalesce(s.text_id, s.member), coalesce(s.text_en, s.text_id, s.member), 'firing', at, at
        from said s where s.state = 'firing'
        on conflict (notice_id, member) do update
        set severity = excluded.severity, text_id = excluded.text_id, text_en = excluded.text_en, state = 'firing',
            fired_at = case when m.state = 'firing' then m.fired_at else at end,
            changed_at = case when (m.state, m.severity) = ('firing', excluded.severity) then m.changed_at else at end
        where (m.state, m.severity, m.text_id, m.text_en) is distinct from ('firing', excluded.severity, excluded.text_id, excluded.text_en)
        returning m.notice_id, m.changed_at
    ), resolved as (
        update posko.notice_member m
        set state = 'resolved', changed_at = at, text_id = coalesce(s.text_id, m.text_id), text_en = coalesce(s.text_en, m.text_en)
        from said s
        where s.state = 'resolved' and m.notice_id = s.id and m.member = s.member and m.state = 'firing'
        returning m.notice_id, m.changed_at
    )
    update posko.notice n
    set next_at = least(n.next_at, case when n.telling = 0 then at + p_wait else greatest(at, n.quiet_until) end)
    where n.id in (select notice_id from fired where changed_at = at union select notice_id from resolved)
      and n.next_at > case when n.telling = 0 then at + p_wait else greatest(at, n.quiet_until) end;
end;
$$;
