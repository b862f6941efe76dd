-- One page of the places behind a number of a region, by code: TPS with a value above 0, and regions by what was filed for themselves.
-- Keeps promise 4 (every number opens). The value is the counter at p_slot less those at p_less (up to three).
-- Walks the tree in code order and steps over every subtree whose own rollup says 0: quick for rare and for common counters.
create function api.tps_behind(p_operation int, p_code text, p_slot int, p_less int[], p_after text, p_limit int)
returns table (code text, level smallint, name text, parent_name text, value int, version bigint, last_at timestamptz, utc_offset smallint,
               voters_l smallint, voters_p smallint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_bitmapscan = off
as $$
#variable_conflict use_column
declare
    -- '.' and '/' are neighbours: a subtree is every code from its root's up to, but not including, root || '/'.
    v_from text collate "C" := p_code;
    v_past text collate "C" := case when p_code = 'ID' then 'ID/' else p_code || '/' end;
    v_end  text collate "C";
    v_left int := p_limit;
    v_made int;
    step   record;
begin
    -- All that is read below lies at or below p_code: the wall is asked once, not for every row of the walk.
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    -- A contest's counter does not rise above the region that it elects for: there is no number there to open.
    if (select c.top_level from posko.counter c where c.operation_id = p_operation and c.slot = p_slot)
       > (select n.level from posko.node n where n.operation_id = p_operation and n.code = p_code) then
        return;
    end if;
    if p_code = 'ID' then
        v_from := '';
    end if;
    if p_after collate "C" >= v_from then
        v_from := p_after || '!'; -- the next code: '!' sorts before '.' and the digits
    end if;
    while v_left > 0 loop
        select n.code, n.level,
               coalesce(r.counters[p_slot], 0) - coalesce(r.counters[p_less[1]], 0) - coalesce(r.counters[p_less[2]], 0)
                   - coalesce(r.counters[p_less[3]], 0) as value
        into step
        from posko.node n join posko.rollup r on r.node_id = n.id
        where n.operation_id = p_operation and n.code >= v_from and n.code < v_past
        order by n.code limit 1;
        exit when step.code is null;

        v_end := case
            when step.level > 3 then least(left(step.code, 8) || '/', v_past) -- the page began inside a kecamatan: the rest of it
            when step.level < 3 and step.value > 0 then step.code || '!'      -- itself, then its children
            else step.code || '/'                                             -- a kecamatan, or nothing here: the whole of it
        end;
        if step.value > 0 or step.level > 3 then
            return query
            select n.code, n.level, n.name, case when n.code <> p_code then above.name end, w.value, r.version, r.last_at, n.utc_offset, t.voters_l, t.voters_p
            from posko.node n
            join posko.rollup r on r.node_id = n.id
            left join posko.node above on above.id = n.parent_id
            left join posko.tps t on t.node_id = n.id
            cross join lateral (select coalesce(r.own, r.counters) as counters) c
            cross join lateral (select coalesce(c.counters[p_slot], 0) - coalesce(c.counters[p_less[1]], 0)
                                       - coalesce(c.counters[p_less[2]], 0) - coalesce(c.counters[p_less[3]], 0) as value) w
            where n.operation_id = p_operation and n.code >= step.code and n.code < v_end and w.value > 0
            order by n.code limit v_left;
            get diagnostics v_made = row_count;
            v_left := v_left - v_made;
        end if;
        v_from := v_end;
    end loop;
end;
$$;
