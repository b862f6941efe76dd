-- The incident that a report of somebody's may join, as an array: the one that it names, or what that was merged into. Null, so that it opens one of its own,
-- where none of the regions of whoever filed it covers that, or where that is over: nobody would hear of it there. What its reports have taken back and
-- nobody has touched returns with a new one. Clearance is not asked for: whoever may only file what is terbatas may tell more of it.
create function api.joined_incident(o posko.operation, p_account int, p_named uuid) returns uuid[]
language sql stable
as $$
    select array[i.id]
    from posko.incident x join posko.incident i on i.id = coalesce(x.merged_into, x.id)
    where x.id = p_named and x.operation_id = o.id
      and (api.is_open(i.status) or api.follows_reports(i))
      and exists (
          select from posko.assignment g
          where g.account_id = p_account and g.revoked_at is null and g.starts_at <= posko.now() and (g.ends_at is null or g.ends_at > posko.now())
            and (g.operation_id is null or g.operation_id in (o.id, o.restricts)) and api.covers(g.regions, i.place));
$$;
