-- How the TPS of a region stand, as far as they changed after a version, in code order: what api.grid_places lists is told of here by code.
--   milestones  the six counters of each milestone (reached, late, not_possible, unreachable, overdue, excused), a digit each, without its last zeros
--   rest        a character each: the gravest open incident (0 to 4), open incidents and flags (0 to z, z is 35 or more), and a digit that adds up
--               1 covered, 2 unreachable, 4 seal broken
-- Keeps the promises 5 (state with versions: what changed is found by the versions of the rollups above it) and 9 (the wall is asked once).
-- A contest's counters do not rise above its region, a provinsi at most: so the walk begins below p_code, whose own version may stand still.
create function api.grid_states(p_operation int, p_code text, p_since bigint)
returns table (code text, version bigint, milestones text, rest text, last_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
    v_digits constant text := '0123456789abcdefghijklmnopqrstuvwxyz';
    v_from   int; -- the milestones' run of slots
    v_past   int;
    v_open   int[]; -- for each status in which an incident is open, the slot before those of its four severities
    v_cases  int;
    v_flags  int; -- the flags' run of slots
    v_flags_end int;
    v_covered int;
    v_silent int;
    v_seal   int;
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    select min(s.base) filter (where s.kind = 'milestone') + 1, max(s.base + s.width) filter (where s.kind = 'milestone'),
           max(s.base) filter (where s.kind = 'flag') + 1, max(s.base + s.width) filter (where s.kind = 'flag'), max(s.base) filter (where s.kind = 'presence') + 5,
           max(s.base) filter (where s.kind = 'unreachable') + 1, max(s.base) filter (where s.kind = 'custody') + 6
    into v_from, v_past, v_flags, v_flags_end, v_covered, v_silent, v_seal
    from posko.subject s where s.operation_id = p_operation;
    select array_agg(api.case_slot(s.base, c, 1) - 1), min(s.base) into v_open, v_cases
    from posko.subject s, unnest(api.case_statuses()) c where s.operation_id = p_operation and s.kind = 'case' and api.is_open(c);

    return query
    with recursive walked as (
        select n.id, n.level from posko.node n where n.operation_id = p_operation and n.code = p_code and p_since >= 0
        union all
        select n.id, n.level
        from walked w
        join posko.node n on n.parent_id = w.id
        join posko.rollup r on r.node_id = n.id
        where w.level < 6 and r.version > p_since
    ), changed as (
        select w.id from walked w where w.level = 6
        union all
        select n.id from posko.node n
        where p_since < 0 and n.operation_id = p_operation and n.level = 6 and n.code >= case p_code when 'ID' then '' else p_code end
          and n.code < case p_code when 'ID' then 'ID/' else p_code || '/' end
    )
    select n.code, r.version, coalesce(array_to_string(r.counters[v_from:v_past], ''), ''),
           -- Most TPS have no incident and no flag: theirs are not added up.
           case when 0 < any(r.counters[v_cases + 1:v_cases + 24]) then (
               select case when i.kritis > 0 then '4' when i.tinggi > 0 then '3' when i.sedang > 0 then '2' when i.rendah > 0 then '1' else '0' end
                      || substr(v_digits, least(i.rendah + i.sedang + i.tinggi + i.kritis, 35)::int + 1, 1)
               from (select coalesce(sum(r.counters[v_open[s] + 1]), 0) as rendah, coalesce(sum(r.counters[v_open[s] + 2]), 0) as sedang,
                            coalesce(sum(r.counters[v_open[s] + 3]), 0) as tinggi, coalesce(sum(r.counters[v_open[s] + 4]), 0) as kritis
                     from generate_subscripts(v_open, 1) s) i) else '00' end
           || case when 0 < any(r.counters[v_flags:v_flags_end]) then (
               select substr(v_digits, least(sum(v), 35)::int + 1, 1) from unnest(r.counters[v_flags:v_flags_end]) v) else '0' end
           || (coalesce(r.counters[v_covered], 0) + 2 * coalesce(r.counters[v_silent], 0) + 4 * coalesce(r.counters[v_seal], 0))::text,
           r.last_at
    from changed c
    join posko.node n on n.id = c.id
    join posko.rollup r on r.node_id = c.id
    order by n.code;
end;
$$;
