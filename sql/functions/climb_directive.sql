-- Lets a directive that is overdue climb from each of these desks (one of them for each place that is late), unless it climbs from there already.
-- An operation whose rules say nothing of directives lets none climb: they are counted all the same.
create function api.climb_directive(o posko.operation, d posko.directive, p_at timestamptz, p_desks int[]) returns void
language plpgsql
as $$
declare
    l       record;
    v_rules int := (select max(r.operation_id) from posko.rule r where r.operation_id = coalesce(o.restricts, o.id));
    v_stage text;
begin
    for l in
        insert into posko.directive_late (directive_id, operation_id, node_id, opened_at, missing, peak, version)
        select d.id, o.id, w.desk, p_at, count(*), count(*), o.version from unnest(p_desks) as w(desk) group by w.desk order by w.desk
        on conflict (directive_id, node_id) do update
        set missing = directive_late.missing + excluded.missing, peak = greatest(directive_late.peak, directive_late.missing + excluded.missing), closed_at = null,
            version = excluded.version
        returning id, node_id, old.id is null or old.closed_at is not null as is_new
    loop
        v_stage := api.stage_at(o, (select n.utc_offset from posko.node n where n.id = l.node_id), p_at);
        if l.is_new and exists (
                select from posko.rule r
                where r.operation_id is not distinct from v_rules
                  and r.version = (select max(m.version) from posko.rule m where m.operation_id is not distinct from v_rules)
                  and r.about = 'directive' and (r.kinds is null or d.kind = any(r.kinds)) and r.severities is null and (r.stages is null or v_stage = any(r.stages))) then
            perform api.rise(o, l.id, l.node_id, 'directive', d.kind, null, v_stage, p_at);
        end if;
    end loop;
end;
$$;
