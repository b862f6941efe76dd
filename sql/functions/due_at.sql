-- By when a TPS reports a milestone: its own hour where it has one, else its kelurahan's, which an officer's seat at the TPS does not reach. Keeps promise 8.
-- The second wall: null for a TPS beyond the reach of the transaction.
create function api.due_at(n posko.node, p_root_level int, p_subject smallint) returns timestamptz
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select w.due_at from posko.obligation w
    where api.may_see(n.operation_id, n.code) and w.subject_id = p_subject and w.node_id in (n.id, api.owing_node(n, p_root_level))
    order by w.node_id <> n.id
    limit 1;
$$;
