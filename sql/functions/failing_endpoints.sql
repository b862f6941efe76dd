-- What the endpoints of a region are called that fail, the first first, p_most at most: what the alarm about them names. One that is told what is terbatas
-- is called by its number alone: the alarm is for everybody who sees the region. Keeps promise 9.
create function api.failing_endpoints(p_operation int, p_region text, p_most int) returns text[]
language sql stable
as $$
    select coalesce(array_agg(f.name order by f.failing_since, f.id), '{}')
    from (select e.id, e.failing_since, case when e.cleared then 'endpoint ' || e.id else left(e.description, 60) end as name
          from posko.endpoint e
          where e.operation_id = p_operation and e.region_code = p_region and e.removed_at is null and e.failing_since is not null
          order by e.failing_since, e.id
          limit p_most) f;
$$;
