-- Shares of milestones that regions have come to and that were not told: of kabupaten and kota and above, and of the regions of endpoints.
create function api.thresholds_reached(o posko.operation) returns table (node_id int, subject_id smallint, share smallint)
language sql stable
as $$
    select n.id, s.id, h.share
    from posko.node n
    join posko.rollup r on r.node_id = n.id
    join posko.subject s on s.operation_id = o.id and s.kind = 'milestone'
    cross join unnest(array[25, 50, 75, 90, 100]::smallint[]) as h(share)
    where n.operation_id = o.id
      and (n.level <= 2 or exists (select from posko.endpoint e where e.operation_id = o.id and e.region_code = n.code and e.removed_at is null))
      and n.level < 6 and r.counters[1] > 0 and coalesce(r.counters[s.base + 1], 0) * 100 >= r.counters[1] * h.share
      and not exists (select from posko.threshold t where t.node_id = n.id and t.subject_id = s.id and t.share = h.share);
$$;
