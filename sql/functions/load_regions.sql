-- Builds the tree of a draft operation out of pg_temp.staged_region (code, parent_code, level, name, utc_offset), set-wise, level by level.
-- All or nothing: a region without its parent, or a tree without its root, refuses the whole.
create function api.load_regions(p_operation int) returns int
language plpgsql
-- The statistics know nothing of rows that are loaded in this very transaction: a nested loop over them would take hours.
set enable_nestloop = off
as $$
declare
    o      posko.operation := api.lock_draft(p_operation);
    v_lost text;
    v_made int;
    v_all  int := 0;
begin
    if exists (select from posko.node where operation_id = p_operation) then
        raise 'operation % has its regions', p_operation using errcode = 'PK411';
    end if;
    select s.code into v_lost
    from pg_temp.staged_region s
    where s.code <> o.root_code and not exists (select from pg_temp.staged_region p where p.code = s.parent_code)
    order by s.code limit 1;
    if v_lost is not null then
        raise 'region % has no parent in this tree', v_lost using errcode = 'PK400';
    elsif not exists (select from pg_temp.staged_region where code = o.root_code) then
        raise 'the root % is not among the regions', o.root_code using errcode = 'PK400';
    end if;

    for v_level in o.root_level .. 5 loop
        insert into posko.node (id, operation_id, code, parent_id, level, name, utc_offset, path)
        overriding system value
        select s.id, p_operation, s.code, p.id, s.level, s.name, s.utc_offset, coalesce(p.path, '{}') || s.id
        from (select nextval('posko.node_id_seq')::int as id, s.*
              from (select * from pg_temp.staged_region where level = v_level order by code) s) s
        left join posko.node p on p.operation_id = p_operation and p.code = s.parent_code;
        get diagnostics v_made = row_count;
        v_all := v_all + v_made;
    end loop;

    alter table posko.rollup set (fillfactor = 25); -- room for the day; see migration 0002
    insert into posko.rollup (node_id, version, counters, own)
    select id, o.version + 1, '{}', '{}' from posko.node where operation_id = p_operation;
    alter table posko.rollup set (fillfactor = 90);
    update posko.operation set version = version + 1, layout = layout + 1 where id = p_operation;
    return v_all;
end;
$$;
