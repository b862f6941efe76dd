-- Makes the TPS of a restricted lane that something is filed about for the first time. The caller holds the lane's row.
create function api.ensure_places(p_lane int, p_operation int, p_version bigint, p_codes text[]) returns void
language sql
as $$
    with missing as (
        select nextval('posko.node_id_seq')::int as id, n.code, n.name, n.level, n.utc_offset, p.id as parent_id, p.path
        from (select distinct c.code from unnest(p_codes) as c(code)) as c
        join posko.node n on n.operation_id = p_operation and n.code = c.code and n.level = 6
        join posko.node above on above.id = n.parent_id
        join posko.node p on p.operation_id = p_lane and p.code = above.code
        where not exists (select from posko.node l where l.operation_id = p_lane and l.code = c.code)
    ), made as (
        insert into posko.node (id, operation_id, code, parent_id, level, name, utc_offset, path, restricts)
        overriding system value
        select id, p_lane, code, parent_id, level, name, utc_offset, path || id, p_operation from missing
    )
    insert into posko.rollup (node_id, version, counters) select id, p_version, '{}' from missing;
$$;
