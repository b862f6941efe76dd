-- Replaces the TPS of a draft operation by pg_temp.staged_tps, set-wise, and sums them up the tree. All or nothing.
-- A TPS whose code stays keeps its place in the tree: a place that goes is looked for in everything that may speak of it, 0.3 ms each (migration 0015).
-- Keeps promise 3 (children sum to the parent): the counters of a draft are tps, voters_l, voters_p and nothing else.
create function api.load_roster(p_operation int, p_estimated bool) returns int
language plpgsql
-- The statistics know nothing of rows that are loaded in this very transaction: a nested loop over them would take hours.
set enable_nestloop = off
as $$
declare
    o      posko.operation := api.lock_draft(p_operation);
    v_lost text;
    v_all  int;
begin
    select s.code into v_lost
    from pg_temp.staged_tps s
    where not exists (select from posko.node p where p.operation_id = p_operation and p.code = s.parent_code and p.level in (4, 5))
    order by s.code limit 1;
    if v_lost is not null then
        raise 'there is no kelurahan, desa or dusun for TPS %', v_lost using errcode = 'PK405';
    end if;

    with old as (
        select n.id, s.code is null as is_gone
        from posko.node n left join pg_temp.staged_tps s on s.code = n.code
        where n.operation_id = p_operation and n.level = 6
    ), without_roster as (
        delete from posko.tps t using old where t.node_id = old.id
    ), without_rollup as (
        delete from posko.rollup r using old where r.node_id = old.id
    )
    delete from posko.node n using old where n.id = old.id and old.is_gone;

    alter table posko.rollup set (fillfactor = 50); -- room for the day; see migration 0002
    with staged as materialized (
        select coalesce(s.known_id, nextval('posko.node_id_seq')::int) as id, s.*
        from (select s.*, n.id as known_id
              from pg_temp.staged_tps s left join posko.node n on n.operation_id = p_operation and n.code = s.code
              order by s.code) s
    ), placed as (
        insert into posko.node (id, operation_id, code, parent_id, level, name, utc_offset, path)
        overriding system value
        select s.id, p_operation, s.code, p.id, 6, 'TPS ' || lpad(s.number::text, 3, '0'), p.utc_offset, p.path || s.id
        from staged s join posko.node p on p.operation_id = p_operation and p.code = s.parent_code
        where s.known_id is null
    ), listed as (
        insert into posko.tps (node_id, number, voters_l, voters_p, address, latitude, longitude, indicators, police_grade, polsek, koramil)
        select id, number, voters_l, voters_p, address, latitude, longitude, indicators, police_grade, polsek, koramil from staged
    )
    insert into posko.rollup (node_id, version, counters)
    select id, o.version + 1, array[1, voters_l, voters_p] from staged;
    get diagnostics v_all = row_count;
    alter table posko.rollup set (fillfactor = 90);

    update posko.rollup r set version = o.version + 1, counters = '{}'
    from posko.node n
    where n.operation_id = p_operation and n.level < 6 and r.node_id = n.id and r.counters <> '{}';
    with summed as (
        select a.node_id, count(*)::int as tps, sum(t.voters_l)::int as voters_l, sum(t.voters_p)::int as voters_p
        from posko.node n
        join posko.tps t on t.node_id = n.id
        cross join lateral unnest(n.path[:cardinality(n.path) - 1]) as a(node_id)
        where n.operation_id = p_operation and n.level = 6
        group by a.node_id
    )
    update posko.rollup r set version = o.version + 1, counters = array[s.tps, s.voters_l, s.voters_p]
    from summed s
    where r.node_id = s.node_id;
    update posko.operation set version = version + 1, layout = layout + 1, tps_estimated = p_estimated where id = p_operation;
    return v_all;
end;
$$;
