-- Tells systems of a directive that was issued, withdrawn, or answered by all.
create function api.publish_directive(o posko.operation, p_type text, p_directive uuid, p_at timestamptz) returns void
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    if not api.is_listened_to(o) then
        return;
    end if;
    perform api.publish(o, o.version, array[row(p_type, d.node_id, 'directive:' || d.id, 'escalation', p_at,
        jsonb_build_object('directive', api.told_directive(d), 'late', null, 'step', null))::posko.news])
    from posko.directive d where d.id = p_directive;
end;
$$;
