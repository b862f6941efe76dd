-- What a wall may show of the open incidents at and below a region: what, how grave, where, since when, how it stands. Nothing to open, no words of
-- anybody. The gravest first, of these the last opened. The wall of the database is asked once, for the region.
create function api.incident_board(p_operation int, p_code text, p_limit int)
returns table (category text, severity text, status text, place text, place_name text, region_name text, opened_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    return query
    select i.category, (array['rendah', 'sedang', 'tinggi', 'kritis'])[i.severity], i.status, i.place, n.name, above.name, i.opened_at
    from (select c.*
          from posko.incident c
          where c.operation_id = p_operation
            and (p_code = 'ID' or c.place = p_code or c.place > p_code || '.' and c.place < p_code || '/')
            and api.is_open(c.status)
          order by c.severity desc, c.number desc
          limit p_limit) i
    join posko.node n on n.id = i.node_id
    left join posko.node above on above.id = n.parent_id
    order by i.severity desc, i.number desc;
end;
$$;
