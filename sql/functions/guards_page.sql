-- One page of the standing guards with a TPS at or below a region, by id, with those of their TPS: all guards, or those who are not (yet) at all of
-- them; or (p_tps) those of some TPS, with these TPS alone. TPS beyond the region are not told. The wall is asked once, for the region.
create function api.guards_page(p_operation int, p_code text, p_missing bool, p_tps text[], p_after int, p_limit int)
returns table (id int, name text, members smallint, institution text, username text, phone text, posts json, version bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select g.id, g.name, g.members, g.institution, a.username, g.phone, w.posts, g.version
    from posko.guard g
    left join posko.account a on a.id = g.account_id
    cross join lateral (
        select json_agg(json_build_object('place', n.code, 'checked_in_at', p.checked_in_at, 'left_at', p.left_at) order by n.code) as posts,
               bool_or(p.checked_in_at is null) as is_missing
        from posko.guard_post p join posko.node n on n.id = p.node_id
        where p.guard_id = g.id and p.withdrawn_at is null and (p_code = 'ID' or n.code = p_code or n.code > p_code || '.' and n.code < p_code || '/')
          and (p_tps is null or n.code = any(p_tps))
    ) w
    where g.operation_id = p_operation and g.withdrawn_at is null and w.posts is not null and (not p_missing or w.is_missing)
      and (p_tps is null or g.id in (
          select p.guard_id from posko.guard_post p join posko.node n on n.id = p.node_id
          where n.operation_id = p_operation and n.code = any(p_tps) and p.withdrawn_at is null))
      and (p_after is null or g.id > p_after) and api.may_see(p_operation, p_code)
    order by g.id
    limit p_limit;
$$;
