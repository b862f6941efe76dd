-- What every TPS owes, with its absolute hour, before anything was reported: one row per kelurahan and milestone, for all TPS below it.
-- Keeps promise 8. The hours are local to the TPS: a national operation has three of each.
create function api.lay_obligations(p_operation int) returns void
language sql
as $$
    insert into posko.obligation (operation_id, node_id, subject_id, due_at)
    select o.id, k.id, m.subject_id, (o.voting_day + m.day + m.planned + m.grace - make_interval(hours => k.utc_offset)) at time zone 'UTC'
    from posko.operation o
    join posko.milestone m on m.operation_id = o.id
    join posko.subject s on s.operation_id = o.id and s.id = m.subject_id and s.width = 6
    cross join lateral (
        select distinct api.owing_node(n, o.root_level) as id, n.utc_offset from posko.node n where n.operation_id = o.id and n.level = 6
    ) as k
    where o.id = p_operation
    on conflict do nothing;
$$;
