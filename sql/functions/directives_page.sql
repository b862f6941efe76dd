-- One page of the directives of a region, the last issued first, filtered by whatever is not null; keyset by number. Those from a desk at or below it are
-- whole; of those from above that have targets here, only what is here: its counts, not to whom else they went.
create function api.directives_page(
    p_operation int, p_code text, p_id uuid, p_kind text, p_incident uuid, p_from text, p_open bool, p_overdue bool, p_after int, p_limit int
) returns table (
    id uuid, operation int, number int, place text, place_name text, kind text, requires text, text text, deadline timestamptz, audience text, incident uuid,
    request smallint, template text, author text, issued_at timestamptz, state text, withdrawn_at timestamptz, withdrawn_by text, withdrawn_why text, version bigint,
    is_whole bool, targets int, sent int, unanswered int, read int, accepted int, refused int, done int, overdue int)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    return query
    select d.id, d.operation_id, d.number, d.place, f.name, d.kind, d.requires, d.text, d.due_at, case when w.is_whole then d.audience::text end,
           case when w.is_whole or api.covers(array[p_code], i.place) then d.incident_id end, case when w.is_whole then d.request end, d.template, a.username,
           d.issued_at, d.state, d.withdrawn_at, b.username, d.withdrawn_why, d.version, w.is_whole,
           c.targets, c.sent, c.unanswered, c.read, c.accepted, c.refused, c.done, c.overdue
    from posko.directive d
    join posko.node f on f.id = d.node_id
    join posko.account a on a.id = d.account_id
    left join posko.account b on b.id = d.withdrawn_by
    left join posko.incident i on i.id = d.incident_id
    cross join lateral (select p_code = 'ID' or d.place = p_code or d.place ^@ (p_code || '.') as is_whole) w
    cross join lateral (
        select d.targets, d.sent, d.unanswered, d.read, d.accepted, d.refused, d.done, d.overdue where w.is_whole
        union all
        select sum(k.n)::int, sum(k.n * v[1])::int, sum(k.n * v[2])::int, sum(k.n * v[3])::int, sum(k.n * v[4])::int, sum(k.n * v[5])::int, sum(k.n * v[6])::int,
               sum(k.n * v[7])::int
        from (select t.state, t.is_open, t.overdue_at is not null as is_late, count(*) as n
              from posko.directive_target t
              where not w.is_whole and t.directive_id = d.id and (t.place = p_code or t.place > p_code || '.' and t.place < p_code || '/')
              group by 1, 2, 3) k
        cross join lateral (select api.directive_counts(k.state, k.is_open, k.is_late) as v) s
        having count(*) > 0
    ) c
    where d.operation_id = p_operation and (p_id is null or d.id = p_id) and (p_after is null or d.number < p_after)
      and (p_kind is null or d.kind = p_kind) and (p_incident is null or d.incident_id = p_incident) and (p_from is null or d.place = p_from)
      and (p_open is null or (d.withdrawn_at is null and (c.unanswered > 0 or d.state = 'sending')) = p_open)
      and (p_overdue is null or (c.overdue > 0) = p_overdue)
    order by d.number desc
    limit p_limit;
end;
$$;
