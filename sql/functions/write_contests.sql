-- Gives a draft operation its contests (kind, region_code, region_level) with their paslon, instead of those it had. Lays nothing out.
create function api.write_contests(p_operation int, p_contests json) returns void
language plpgsql
as $$
begin
    delete from posko.paslon p using posko.contest c where c.operation_id = p_operation and p.contest_id = c.id;
    delete from posko.contest where operation_id = p_operation;
    with given as (
        select * from json_to_recordset(p_contests) as c(kind text, region_code text, region_level smallint, paslon json)
    ), made as (
        insert into posko.contest (operation_id, kind, region_code, region_level)
        select p_operation, kind, region_code, region_level from given
        returning id, kind, region_code
    )
    insert into posko.paslon (contest_id, number, name, is_empty_box)
    select m.id, p.number, p.name, p.is_empty_box
    from made m
    join given g on (g.kind, g.region_code) = (m.kind, m.region_code)
    cross join lateral json_to_recordset(g.paslon) as p(number smallint, name text, is_empty_box bool);
end;
$$;
