-- One page of the standing teams at and below a region, by (place, name): all, or those without a mark. The wall is asked once, for the region.
create function api.teams_page(p_operation int, p_code text, p_without text, p_after_place text, p_after_id int, p_limit int)
returns table (id int, place text, place_name text, name text, members smallint, institution text, briefed_at timestamptz, briefed_by text,
               present_at timestamptz, present_by text, version bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.id, n.code, n.name, t.name, t.members, t.institution, t.briefed_at, b.username, t.present_at, h.username, t.version
    from posko.node n
    join posko.team t on t.node_id = n.id and t.withdrawn_at is null
    left join posko.account b on b.id = t.briefed_by
    left join posko.account h on h.id = t.present_by
    where n.operation_id = p_operation and n.level < 6 and api.may_see(p_operation, p_code)
      and (p_code = 'ID' or n.code = p_code or n.code > p_code || '.' and n.code < p_code || '/')
      and (p_without is null or case p_without when 'briefing' then t.briefed_at else t.present_at end is null)
      and (p_after_place is null or (n.code, t.id) > (p_after_place, p_after_id))
    order by n.code, t.id
    limit p_limit;
$$;
