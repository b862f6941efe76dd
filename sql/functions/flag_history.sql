-- The flags that were ever raised at and below a region, by place and moment: what was doubtful, since when, until when, and why no longer.
create function api.flag_history(p_operation int, p_code text, p_kind text, p_limit int)
returns table (place text, place_name text, kind text, subject text, report_id uuid, raised_at timestamptz, cleared_at timestamptz, cleared_by text, reason text,
               ended_at timestamptz, ended_by uuid)
language sql stable
as $$
    select n.code, n.name, f.kind, s.name, f.report_id, f.raised_at, f.cleared_at, f.cleared_by, f.reason, f.ended_at, f.ended_by
    from api.flags_of(array(
        select d.node_id
        from (select node_id from posko.flag union select node_id from posko.flag_past) d
        join posko.node n on n.id = d.node_id
        where n.operation_id = p_operation and (p_code = 'ID' or n.code = p_code or n.code > p_code || '.' and n.code < p_code || '/'))) f
    join posko.node n on n.id = f.node_id
    join posko.subject s on s.operation_id = p_operation and s.id = f.subject_id
    where p_kind is null or f.kind = p_kind
    order by n.code, f.raised_at nulls first, f.kind, f.report_id, f.ended_at
    limit p_limit;
$$;
