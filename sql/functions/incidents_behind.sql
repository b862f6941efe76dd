-- The live incident reports behind a region's number, in the order of (place, id), from one keyset position on.
-- Walks only the places whose own counters say that they have some.
create function api.incidents_behind(p_operation int, p_code text, p_severity text, p_after_code text, p_after_id uuid, p_limit int)
returns table (id uuid, operation int, place text, place_name text, reporter text, on_behalf_of text, version bigint,
               observed_at timestamptz, received_at timestamptz, body text, persons text[])
language sql stable
as $$
    with recursive slots as (
        select s.id as subject_id, s.base + g.i as slot, g.i
        from posko.subject s, generate_series(1, 4) as g(i)
        where s.operation_id = p_operation and s.kind = 'incident'
          and (p_severity is null or g.i = array_position(array['rendah', 'sedang', 'tinggi', 'kritis'], p_severity))
    ), branch as (
        select n.id, n.code, n.name, n.level from posko.node n where n.operation_id = p_operation and n.code = p_code
        union all
        select n.id, n.code, n.name, n.level
        from branch b
        join posko.node n on n.parent_id = b.id
        join posko.rollup r on r.node_id = n.id
        where exists (select from slots s where coalesce(r.counters[s.slot], 0) > 0)
          and (n.code >= p_after_code or p_after_code like n.code || '.%' or p_after_code is null)
    )
    select r.id, r.operation_id, b.code, b.name, a.username, k.name, r.version, r.observed_at, r.received_at, r.body::text,
           array(select json_build_array(p.position, p.name)::text from posko.report_person p where p.report_id = r.id and p.position > 0)
    from branch b
    join posko.report r on r.node_id = b.id and r.subject_id = (select min(subject_id) from slots)
    join posko.account a on a.id = r.account_id
    left join posko.report_person k on k.report_id = r.id and k.position = 0
    where exists (select from slots s where r.vals[s.i] = 1)
      and not exists (select from posko.report c where c.corrects = r.id and c.node_id = r.node_id)
      and (p_after_code is null or (b.code, r.id) > (p_after_code, p_after_id))
    order by b.code, r.id
    limit p_limit;
$$;
