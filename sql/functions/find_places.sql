-- Places of an operation by what people call them, within the reach of the transaction: regions by the beginnings of words of their names and
-- of those above them, TPS by their number in such regions, either by code. Regions before TPS, higher ones first; parents from near to far.
--   p_words   tsquery of prefixes ('jing:* | pen:*'), null: by code alone
--   p_above   each word must begin one of the place's own name or of a region's above it
--   p_number  of a TPS, null: regions
--   p_code    whole code, or the beginning of one below p_within
create function api.find_places(p_operation int, p_words text, p_above text[], p_number int, p_code text, p_within text, p_limit int)
returns table (code text, level smallint, name text, parents text[], parent_names text[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
    c_looked    constant int := 2000;  -- regions that are compared word by word
    c_regions   constant int := 100;   -- that are taken for what was meant
    c_kelurahan constant int := 10000; -- that are asked for a TPS
    v_regions int[];
    v_found   int[];
begin
    if p_words is not null then
        -- Those first whose own names have the most of the words. Sorted, then looked at one by one until there are enough.
        v_regions := array(
            select n.id
            from (select m.* from posko.node m
                  where m.level < 6 and to_tsvector('simple', m.name) @@ p_words::tsquery and m.operation_id = p_operation
                    and (m.code || '.') ^@ any (posko.scope())
                  order by case when cardinality(p_above) > 1 then
                                   -(select count(*) from unnest(p_above) as w(word) where to_tsvector('simple', m.name) @@ (w.word || ':*')::tsquery) end,
                           case when p_number is null then m.level else -m.level end, m.code
                  limit c_looked) n
            where api.may_see(n.operation_id, n.code)
              and (cardinality(p_above) = 1 or not exists (
                  select from unnest(p_above) as w(word)
                  where not exists (select from unnest(n.path) as a(id) join posko.node above on above.id = a.id
                                    where to_tsvector('simple', above.name) @@ (w.word || ':*')::tsquery)))
            limit c_regions);
    elsif p_code is not null then
        v_regions := array(select n.id from posko.node n where n.operation_id = p_operation and n.code = p_code and api.may_see(n.operation_id, n.code));
    elsif p_number is not null then
        v_regions := array(select n.id from posko.node n, unnest(posko.scope()) as s(region)
                           where n.operation_id = p_operation and n.level < 6 and n.code = (
                               select o.root_code from posko.operation o where o.id = p_operation and (o.root_code || '.') ^@ s.region
                               union all
                               select rtrim(s.region, '.') from posko.operation o where o.id = p_operation and not (o.root_code || '.') ^@ s.region));
    end if;

    if p_number is not null then
        -- Kelurahan by kelurahan: each has one TPS of a number, found by its code.
        v_found := array(
            select t.id
            from unnest(v_regions) with ordinality as r(id, i)
            join posko.node n on n.id = r.id
            cross join lateral (
                select k.code from posko.node k
                where k.operation_id = p_operation and k.level in (4, 5) and k.code >= case n.code when 'ID' then '0' else n.code end
                  and k.code < case n.code when 'ID' then 'A' else n.code || '/' end
                order by k.code limit c_kelurahan
            ) k
            join posko.node t on t.operation_id = p_operation and t.code = k.code || '.' || to_char(p_number, 'FM000') and t.level = 6
            where api.may_see(p_operation, t.code)
            limit p_limit * 4);
    else
        v_found := v_regions[:p_limit];
        if p_code is not null then
            v_found := v_found || array(
                select n.id from posko.node n join posko.node above on above.id = n.parent_id
                where above.operation_id = p_operation and above.code = p_within and n.code ^@ p_code and n.code <> p_code
                  and api.may_see(n.operation_id, n.code)
                order by n.code limit p_limit);
            v_found := v_found || array(
                select n.id from posko.node n join posko.node above on above.id = n.parent_id
                where above.operation_id = p_operation and above.code = p_code and api.may_see(n.operation_id, n.code)
                order by n.code limit p_limit);
        end if;
    end if;

    return query
    select n.code, n.level, n.name,
           array(select a.code from unnest(n.path) as p(id) join posko.node a on a.id = p.id where a.id <> n.id and api.may_see(p_operation, a.code) order by a.level desc),
           array(select a.name from unnest(n.path) as p(id) join posko.node a on a.id = p.id where a.id <> n.id and api.may_see(p_operation, a.code) order by a.level desc)
    from (select id, min(i) as i from unnest(v_found) with ordinality as f(id, i) group by id) f
    join posko.node n on n.id = f.id
    order by f.i
    limit p_limit;
end;
$$;
