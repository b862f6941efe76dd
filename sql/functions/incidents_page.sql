-- One page of the incidents at and below a region, the last opened first, filtered by whatever is not null; keyset by number.
-- Reads rows by number or by place, whichever the planner finds cheaper for these very filters. The wall is asked once, for the region.
-- What is looked for is the number of an incident, or else any of: words, and where it is, as its card says that.
--   p_words   of the summary and the category
--   p_names   tsquery of beginnings of words ('kapuk:* & muara:*') that one name has: of a kecamatan, a kelurahan, a dusun
--   p_tps     number of a TPS: of those in the places of these names, if any are asked for, else of all
--   p_begins  how the code of the place begins
create function api.incidents_page(
    p_operation int, p_code text, p_statuses text[], p_severities smallint[], p_category text, p_occurrence text, p_verification text, p_tier int, p_overdue bool,
    p_owner text, p_watcher int, p_parent uuid, p_revote text, p_number int, p_words text, p_names text, p_tps int, p_begins text, p_since timestamptz, p_until timestamptz, p_after int, p_limit int
) returns setof posko.incident
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
    c_places constant int := 100; -- of one name
    v_places text[];
    v_tps    text := '.' || to_char(p_tps, 'FM000');
    c_few    constant int := 500;
    v_few    int[]; -- numbers of all that is meant, if it is no more than that
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    if p_names is not null then
        -- The places where something is, by the index of places alone: these are few, whatever lies in a kecamatan. Found by their
        -- names before they are put in order: the planner would rather walk through all places in that order.
        v_places := array(
            select distinct i.place
            from (select m.code
                  from (select m.code from posko.node m
                        where m.operation_id = p_operation and m.level in (3, 4, 5) and to_tsvector('simple', m.name) @@ p_names::tsquery
                          and (p_code = 'ID' or m.code ^@ (p_code || '.'))
                        offset 0) m
                  order by m.code limit c_places) n
            join posko.incident i on i.operation_id = p_operation and i.place >= n.code and i.place < n.code || '/'
            where p_tps is null or right(i.place, 4) = v_tps);
        v_places := nullif(v_places, '{}');
        v_tps := null;
    end if;
    if p_words is not null then
        -- Few are put in order, many are met in order. The planner knows no word that is rare: asked for the last fifty of a
        -- few it would walk through all.
        v_few := array(select i.number from posko.incident i
                       where i.operation_id = p_operation
                         and (i.search @@ websearch_to_tsquery('indonesian', p_words) or i.place = any(v_places) or right(i.place, 4) = v_tps or i.place ^@ p_begins)
                       limit c_few + 1);
        if cardinality(v_few) > c_few then
            v_few := null;
        end if;
    end if;
    return query
    select i.*
    from posko.incident i
    where i.operation_id = p_operation
      and (p_code = 'ID' or i.place = p_code or i.place > p_code || '.' and i.place < p_code || '/')
      and (p_after is null or i.number < p_after)
      and (p_statuses is null or i.status = any(p_statuses))
      and (p_severities is null or i.severity = any(p_severities))
      and (p_category is null or i.category = p_category or i.category ^@ (p_category || '.'))
      and (p_occurrence is null or i.occurrence = p_occurrence)
      and (p_verification is null or i.verification = p_verification)
      and (p_tier is null or i.tier = p_tier)
      and (p_overdue is null or (i.overdue_at is not null) = p_overdue)
      and (p_owner is null or i.owner_id = (select a.id from posko.account a where a.username = p_owner))
      and (p_watcher is null or exists (select from posko.incident_watcher w where w.incident_id = i.id and w.account_id = p_watcher))
      and (p_parent is null or i.parent_id = p_parent and i.status not in ('digabung', 'batal'))
      and (p_revote is null or i.revote_kind = p_revote)
      and (p_number is null or i.number = p_number)
      and (v_few is null or i.number = any(v_few))
      and (p_words is null or v_few is not null or i.search @@ websearch_to_tsquery('indonesian', p_words) or i.place = any(v_places) or right(i.place, 4) = v_tps or i.place ^@ p_begins)
      and (p_since is null or i.opened_at >= p_since)
      and (p_until is null or i.opened_at < p_until)
    order by i.number desc
    limit p_limit;
end;
$$;
