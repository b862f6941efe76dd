-- What stands still in the grid of a region, in code order: the regions at and below it with their names, and its TPS with what the roster says of
-- how rawan they are. Keeps the promises 9 (the wall is asked once: what lies below lies within) and 11 (over p_limit TPS is a clear refusal).
create function api.grid_places(p_operation int, p_code text, p_limit int)
returns table (code text, name text, is_tps bool, grade smallint, indicators int)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
    v_tps int;
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    select coalesce(r.counters[c.slot], 0) into v_tps
    from posko.node n
    join posko.rollup r on r.node_id = n.id
    join posko.counter c on c.operation_id = n.operation_id and c.name = 'tps'
    where n.operation_id = p_operation and n.code = p_code;
    if v_tps > p_limit then
        raise '% has % TPS: a grid has at most %', p_code, v_tps, p_limit using errcode = 'PK400', detail = '$.code', hint = 'tps-limit';
    end if;
    return query
    select n.code, n.name, n.level = 6,
           coalesce(array_position(array['kurang_rawan', 'rawan', 'sangat_rawan', 'khusus'], t.police_grade), 0)::smallint,
           (select coalesce(sum(1 << (array_position(array['hak_pilih', 'keamanan', 'kampanye', 'netralitas', 'logistik', 'lokasi', 'listrik_internet',
                                                           'riwayat_psu'], i) - 1)), 0)::int from unnest(t.indicators) i)
    from posko.node n
    left join posko.tps t on t.node_id = n.id
    -- '.' and '/' are neighbours: a subtree is every code from its root's up to, but not including, root || '/'.
    where n.operation_id = p_operation and n.code >= case p_code when 'ID' then '' else p_code end
      and n.code < case p_code when 'ID' then 'ID/' else p_code || '/' end
    order by n.code;
end;
$$;
