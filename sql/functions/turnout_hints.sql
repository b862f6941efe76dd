-- Turnout as it is awaited every hour while TPS vote: of each child of a region (or of the one TPS) how many TPS have said theirs, how many not
-- within the last hour and a quarter, and what the whole would be if the others voted like those that were heard: a hint, never a count.
-- Reads one report per TPS: for a kabkota or less. The wall is asked once, for the region.
create function api.turnout_hints(p_operation int, p_code text)
returns table (code text, name text, level int, tps int, heard int, awaited int, voters int, voters_heard int, voted int, last_at timestamptz, hint int)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    o  posko.operation;
    at timestamptz;
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation;
    at := api.clock(o);
    return query
    with region as (
        select n.id, cardinality(n.path) as depth, n.level from posko.node n where n.operation_id = p_operation and n.code = p_code
    ), leaf as (
        select n.id, n.path[least(cardinality(n.path), g.depth + 1)] as child_id, n.utc_offset, t.voters_l + t.voters_p as voters, l.observed_at, l.voted
        from region g
        join posko.node n on n.operation_id = p_operation and n.level = 6 and (n.id = g.id or n.code > p_code || '.' and n.code < p_code || '/' or p_code = 'ID')
        join posko.tps t on t.node_id = n.id
        join posko.subject s on s.operation_id = p_operation and s.kind = 'turnout'
        left join posko.revote v on v.node_id = n.id
        left join lateral (
            select r.observed_at, r.vals[2] + r.vals[3] + r.vals[4] + r.vals[5] + r.vals[6] + r.vals[7] as voted
            from posko.report r
            where r.node_id = n.id and r.subject_id = s.id and not exists (select from posko.report c where c.corrects = r.id and c.node_id = r.node_id)
              and (v.counts_from is null or r.observed_at >= v.counts_from)
            order by r.weight, r.id limit 1
        ) l on true
    )
    select c.code, c.name, c.level::int, count(*)::int, count(l.voted)::int,
           count(*) filter (where api.stage_at(o, l.utc_offset, at) = 'pemungutan' and coalesce(l.observed_at, '-infinity') < at - interval '75 minutes')::int,
           sum(l.voters)::int, coalesce(sum(l.voters) filter (where l.voted is not null), 0)::int, coalesce(sum(l.voted), 0)::int, max(l.observed_at),
           round(sum(l.voted)::numeric * sum(l.voters) / nullif(sum(l.voters) filter (where l.voted is not null), 0))::int
    from leaf l join posko.node c on c.id = l.child_id
    group by c.code, c.name, c.level
    order by c.code;
end;
$$;
