-- The codes that a directive is for, in order, from one on: a list, the desks of one level at and below a region, or its TPS. p_operation is the
-- one whose roster it is: not the lane, whose TPS may not have been made yet. p_limit null: all.
create function api.directive_audience(p_operation int, p_audience jsonb, p_places text[], p_after text, p_limit int) returns setof text
language plpgsql stable
set plan_cache_mode = force_custom_plan
as $$
declare
    v_region text := p_audience->>'region';
    v_level  int := case when p_audience->>'kind' = 'tps' then 6 else (p_audience->>'level')::int end;
begin
    if p_places is not null then
        return query select c.code from unnest(p_places) as c(code) where c.code collate "C" > p_after order by c.code collate "C" limit p_limit;
    else
        return query
        select n.code from posko.node n
        where n.operation_id = p_operation and n.level = v_level and n.code > p_after
          and (v_region = 'ID' or n.code = v_region or n.code > v_region || '.' and n.code < v_region || '/')
        order by n.code limit p_limit;
    end if;
end;
$$;
