-- A page of a region's curve after a moment, in order, and before it the point that held at that moment. Read as far as the seat reaches.
create function api.curve_of(p_operation int, p_code text, p_since timestamptz, p_places int[], p_limit int)
returns table (at timestamptz, version bigint, counters int[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_node int;
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    select n.id into v_node from posko.node n where n.operation_id = p_operation and n.code = p_code;
    return query
    select p.at, p.version, array(select p.counters[k.place] from unnest(p_places) with ordinality as k(place, i) order by k.i)
    from posko.curve_point p
    where p.node_id = v_node
      and p.at >= coalesce((select max(b.at) from posko.curve_point b where b.node_id = v_node and b.at <= p_since), '-infinity')
    order by p.at
    limit p_limit;
end;
$$;
