-- A place first, then its children, as far as they changed after a version: the wall is asked once, for what lies below lies within.
create function api.rows_of(p_node int, p_since bigint)
returns table (code text, name text, version bigint, last_at timestamptz, counters int[], own int[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not (select api.may_see(n.operation_id, n.code) from posko.node n where n.id = p_node) then
        return;
    end if;
    return query
    select n.code, n.name, r.version, r.last_at, r.counters, nullif(r.own, '{}')
    from posko.node n join posko.rollup r on r.node_id = n.id
    where n.id = p_node and r.version > p_since;
    return query
    select n.code, n.name, r.version, r.last_at, r.counters, nullif(r.own, '{}')
    from posko.node n join posko.rollup r on r.node_id = n.id
    where n.parent_id = p_node and r.version > p_since
    order by n.code;
end;
$$;
