-- Open incidents that may be the same as one: near it (its TPS, then its kelurahan), of the same main category, opened within a day at its
-- own place, within three hours nearby. What is a part of something bigger is another only at another place.
create function api.duplicates_of(p_incident uuid) returns setof posko.incident
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select j.*
    from posko.incident i
    join posko.node n on n.id = i.node_id
    join posko.operation o on o.id = i.operation_id
    join posko.node k on k.id = n.path[least(cardinality(n.path), greatest(1, 5 - o.root_level))]
    join posko.incident j on j.operation_id = i.operation_id and (j.place = k.code or j.place > k.code || '.' and j.place < k.code || '/')
    where i.id = p_incident and api.may_see(i.operation_id, i.place) and api.may_see(i.operation_id, k.code)
      and j.id <> i.id and api.is_open(j.status) and (j.parent_id is null or j.place = i.place) and i.parent_id is distinct from j.id
      and split_part(j.category, '.', 1) = split_part(i.category, '.', 1)
      and abs(extract(epoch from j.opened_at - i.opened_at)) <= case when j.place = i.place then 24 else 3 end * 3600
    order by j.place <> i.place, abs(extract(epoch from j.opened_at - i.opened_at))
    limit 10;
$$;
