-- Makes pg_temp.staged_region, which api.load_regions reads, until the end of the transaction, and fills it with rows of
-- {code, parent_code, level, name, utc_offset}; null leaves it empty. There must be none yet: what somebody else made is never written to.
create function api.stage_regions(p_rows json) returns void
language plpgsql
as $$
begin
    create temp table staged_region (
        code text collate "C" primary key, parent_code text collate "C", level smallint not null, name text not null, utc_offset smallint not null
    ) on commit drop;
    insert into pg_temp.staged_region
    select r.code, r.parent_code, r.level, r.name, r.utc_offset
    from json_to_recordset(p_rows) as r(code text, parent_code text, level smallint, name text, utc_offset smallint);
end;
$$;
