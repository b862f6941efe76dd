-- Tells systems of reports that were just filed and are doubtful: an event for each, with the kinds of its flags.
create function api.publish_flags(o posko.operation, p_version bigint, p_at timestamptz, p_reports uuid[]) returns void
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    if not api.is_listened_to(o) then
        return;
    end if;
    perform api.publish(o, p_version, array_agg(row('report.flagged', q.node_id, 'tps:' || n.code, 'rest', p_at,
        jsonb_build_object('report', q.report_id, 'flags', q.kinds))::posko.news order by q.report_id))
    from (select f.report_id, min(f.node_id) as node_id, array_agg(distinct f.kind order by f.kind) as kinds from posko.flag f where f.report_id = any(p_reports) group by f.report_id) q
    join posko.node n on n.id = q.node_id;
end;
$$;
