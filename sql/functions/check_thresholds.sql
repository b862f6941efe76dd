-- Tells systems that a region has come to 25, 50, 75, 90 or 100 per cent of its TPS in a milestone, once each: kabupaten and kota and above, and the regions of the
-- endpoints that ask for it. No row: none has.
create function api.check_thresholds(p_operation int) returns table (version bigint, told int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o      posko.operation;
    at     timestamptz;
begin
    select * into o from posko.operation where id = p_operation and state = 'active' and restricts is null;
    if o.id is null or not exists (select from posko.endpoint e where e.operation_id = o.id and e.removed_at is null and api.wants(e.types, 'rollup.threshold'))
       or not exists (select from api.thresholds_reached(o)) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    if o.id is null then
        return;
    end if;
    at := api.clock(o);
    return query
    with reached as (
        insert into posko.threshold (node_id, subject_id, share, reached_at)
        select r.node_id, r.subject_id, r.share, at from api.thresholds_reached(o) r order by r.node_id, r.subject_id, r.share
        on conflict do nothing
        returning node_id, subject_id, share
    ), told as (
        select array_agg(row('rollup.threshold', r.node_id, 'rollup:' || n.code, 'rest', at,
                   jsonb_build_object('milestone', m.code, 'share', r.share, 'reached', c.reached, 'tps', c.tps))::posko.news order by n.code, m.code, r.share) as news,
               array_agg(distinct n.code) as codes, count(*)::int as n
        from reached r
        join posko.node n on n.id = r.node_id
        join posko.subject s on s.operation_id = o.id and s.id = r.subject_id
        join posko.milestone m on m.operation_id = o.id and m.subject_id = r.subject_id
        join posko.rollup u on u.node_id = r.node_id
        cross join lateral (select coalesce(u.counters[s.base + 1], 0) as reached, u.counters[1] as tps) c
    )
    select null::bigint, t.n, t.codes
    from told t
    cross join lateral api.publish(o, o.version, t.news) p
    where t.n > 0;
end;
$$;
