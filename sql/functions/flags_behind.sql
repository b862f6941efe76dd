-- The open flags behind a region's number (and the cleared ones when asked for), in the order of (place, kind, report).
create function api.flags_behind(p_operation int, p_code text, p_kind text, p_after_code text, p_after_kind text, p_after_report uuid, p_limit int)
returns table (kind text, subject text, report_id uuid, place text, place_name text)
language sql stable
as $$
    with recursive slots as (
        select c.slot from posko.counter c
        where c.operation_id = p_operation and c.name like 'flag.%' and (p_kind is null or c.name = 'flag.' || p_kind)
    ), branch as (
        select n.id, n.code, n.name from posko.node n where n.operation_id = p_operation and n.code = p_code
        union all
        select n.id, n.code, n.name
        from branch b
        join posko.node n on n.parent_id = b.id
        join posko.rollup r on r.node_id = n.id
        where exists (select from slots s where coalesce(r.counters[s.slot], 0) > 0)
          and (n.code >= p_after_code or p_after_code like n.code || '.%' or p_after_code is null)
    )
    select f.kind, s.name, f.report_id, b.code, b.name
    from branch b
    join posko.flag f on f.node_id = b.id and (p_kind is null or f.kind = p_kind)
    join posko.subject s on s.operation_id = p_operation and s.id = f.subject_id
    where not exists (
              select from posko.flag_clearing c
              where (c.node_id, c.kind, c.subject_id, c.report_id) = (f.node_id, f.kind, f.subject_id, f.report_id))
      and (p_after_code is null or (b.code, f.kind, f.report_id) > (p_after_code, p_after_kind, p_after_report))
    order by b.code, f.kind, f.report_id
    limit p_limit;
$$;
