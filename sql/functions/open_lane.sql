-- Opens the restricted lane of an active operation, if it has none: an operation of its own over the same regions. Its TPS are made
-- when something restricted is filed about them (api.ensure_places).
create function api.open_lane(p_operation int) returns int
language plpgsql
set enable_nestloop = off
as $$
declare
    o      posko.operation;
    v_lane int;
begin
    select * into o from posko.operation where id = p_operation for update;
    if o.restricts is not null or exists (select from posko.operation where restricts = p_operation) then
        return null;
    end if;
    insert into posko.operation (name, mode, root_code, root_level, starts_on, voting_day, tps_estimated, created_at, restricts, names_until)
    values ('terbatas ' || o.id, o.mode, o.root_code, o.root_level, o.starts_on, o.voting_day, o.tps_estimated, posko.now(), o.id, o.names_until)
    returning id into v_lane;
    perform api.lay_out(v_lane);
    for v_level in o.root_level .. 5 loop
        insert into posko.node (id, operation_id, code, parent_id, level, name, utc_offset, path, restricts)
        overriding system value
        select n.new_id, v_lane, n.code, p.id, n.level, n.name, n.utc_offset, coalesce(p.path, '{}') || n.new_id, p_operation
        from (select nextval('posko.node_id_seq')::int as new_id, n.*
              from (select * from posko.node where operation_id = p_operation and level = v_level order by code) n) n
        left join posko.node above on above.id = n.parent_id
        left join posko.node p on p.operation_id = v_lane and p.code = above.code;
    end loop;
    insert into posko.rollup (node_id, version, counters, own) select id, 1, '{}', '{}' from posko.node where operation_id = v_lane;
    update posko.operation set state = 'active', activated_at = o.activated_at, version = version + 1 where id = v_lane;
    return v_lane;
end;
$$;
