-- Who is told of a notice: the contacts of its desk, of its operation or every one, by the channels that were asked for.
create function api.contacts_of(p_notice bigint) returns table (id int, channel text)
language sql stable
as $$
    select c.id, c.channel
    from posko.notice n
    join posko.node p on p.id = n.node_id
    join posko.operation o on o.id = n.operation_id
    join posko.contact c on c.region_code = p.code and c.removed_at is null and (c.operation_id is null or c.operation_id in (o.id, o.restricts))
    where n.id = p_notice and (n.channels is null or c.channel = any(n.channels));
$$;
