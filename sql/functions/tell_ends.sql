-- Whoever was told of these incidents and alarms hears that they are over, in the groups in which they heard of them.
create function api.tell_ends(o posko.operation, p_ids uuid[]) returns void
language plpgsql
as $$
declare
    w record;
begin
    select array_agg(n.node_id order by n.node_id, n.group_key) as nodes, array_agg(n.group_key order by n.node_id, n.group_key) as groups,
           array_agg(m.member order by n.node_id, n.group_key) as members
    into w
    from unnest(p_ids) as i(id)
    join posko.notice_member m on m.member = i.id::text and m.state = 'firing'
    join posko.notice n on n.id = m.notice_id and n.operation_id = o.id and n.closed_at is null;
    if w.nodes is not null then
        perform api.notify_many(o.id, w.nodes, w.groups, w.members, array_fill('resolved'::text, array[cardinality(w.nodes)]),
                                array_fill(null::text, array[cardinality(w.nodes)]), array_fill(null::text, array[cardinality(w.nodes)]),
                                array_fill(null::text, array[cardinality(w.nodes)]), null, interval '0');
    end if;
end;
$$;
