-- Takes messages of one channel that are due, for p_lease: nobody else takes them until then, and whoever takes them next has another fence.
-- What is restricted is not even handed out for a contact that is not cleared: `about` is null then.
create function api.claim_messages(p_channel text, p_limit int, p_lease interval)
returns table (id uuid, fence int, attempts int, notice bigint, address text, why text, at timestamptz, about json, operation int, place text, is_drill bool)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with due as (
        select m.id from posko.message m, posko.now() as now
        where m.channel = p_channel and m.state = 'pending' and m.next_at <= now and (m.lease_until is null or m.lease_until <= now)
          and m.attempts < api.attempts_limit()
        order by m.next_at, m.id
        limit p_limit
        for update of m skip locked
    ), taken as (
        update posko.message m
        set attempts = m.attempts + 1, fence = m.fence + 1, lease_until = posko.now() + p_lease
        from due where m.id = due.id
        returning m.*
    )
    select t.id, t.fence, t.attempts, t.notice_id, c.address, l.why, l.at, case when o.restricts is null or c.cleared then l.about end,
           coalesce(o.restricts, o.id), p.code, o.mode = 'drill'
    from taken t
    join posko.contact c on c.id = t.contact_id
    join posko.telling l on l.notice_id = t.notice_id and l.number = t.telling
    join posko.notice n on n.id = t.notice_id
    join posko.node p on p.id = n.node_id
    join posko.operation o on o.id = n.operation_id;
$$;
