-- What incident reports that were just filed open, join or correct; answers what that adds to the counters, as three arrays.
-- An incident's id is that of the report that opened it, so whatever the order in which reports and corrections come, each is part of one.
-- The caller holds the operation's row.
create function api.open_incidents(o posko.operation, p_version bigint, p_ids uuid[], out nodes int[], out slots int[], out deltas int[])
language plpgsql
as $$
declare
    c_statuses constant text[] := array['rendah', 'sedang', 'tinggi', 'kritis'];
    at     timestamptz := api.clock(o);
    v_base int := (select s.base from posko.subject s where s.operation_id = o.id and s.kind = 'case');
    w      record;
    i      posko.incident;
    v_rise record;
    v_with uuid;
    v_chain uuid[];
begin
    nodes := '{}'; slots := '{}'; deltas := '{}';
    for w in
        select r.id, r.node_id, r.account_id, r.corrects, n.code, n.utc_offset, coalesce(c.body->'content'->'replacement', c.body->'content') as said,
               c.body->>'channel' as channel, r.subject_id is not null and s.kind = 'incident' as is_incident,
               (select min(x.id::text)::uuid from posko.report x where x.corrects = r.id and x.node_id = r.node_id) as corrected_by
        from posko.report r
        join posko.node n on n.id = r.node_id
        left join posko.subject s on s.operation_id = o.id and s.id = r.subject_id
        cross join lateral (select r.body::jsonb as body) c
        where r.id = any(p_ids) and (s.kind = 'incident' or r.corrects is not null)
        order by r.corrects is not null, r.id
    loop
        -- The incident that another of its chain of corrections is part of; or the one that it says it belongs to, or what that was merged into.
        v_chain := case when w.corrects is null and w.corrected_by is null then array[w.id] else array(select api.corrections_of(w.id)) end;
        select p.incident_id into v_with from posko.incident_report p where p.report_id = any(v_chain) order by 1 limit 1;
        if v_with is null and w.is_incident and w.said->>'joins' is not null then
            select coalesce(x.merged_into, x.id) into v_with from posko.incident x where x.id = (w.said->>'joins')::uuid and x.operation_id = o.id;
        end if;
        if v_with is not null then
            perform api.gather_reports(o.id, p_version, v_with, v_chain);
            if w.corrected_by is null then
                select * into i from posko.incident where id = v_with;
                perform api.enter(i, p_version, at, w.account_id, coalesce(w.channel, 'app'), case when w.is_incident then 'report' else 'report_withdrawn' end, i.status, null,
                                  json_build_object('report', w.id, 'corrects', w.corrects));
            end if;
        elsif w.is_incident and w.corrected_by is null then
            update posko.operation set incidents = incidents + 1 where id = o.id returning incidents into o.incidents;
            i := null;
            i.id := w.id; i.operation_id := o.id; i.node_id := w.node_id; i.place := w.code; i.number := o.incidents; i.category := w.said->>'category';
            i.severity := array_position(c_statuses, w.said->>'severity'); i.occurrence := w.said->>'occurrence'; i.people := (w.said->>'people')::int;
            i.summary := w.said->>'text'; i.stage := coalesce(api.stage_at(o, w.utc_offset, at), 'persiapan');
            select * into v_rise from api.rise(o, i.id, w.node_id, 'incident', i.category, i.severity, i.stage, at);
            insert into posko.incident (id, operation_id, node_id, place, number, category, severity, occurrence, people, summary, status, stage, tier, reports,
                                        latitude, longitude, opened_at, acknowledge_by, resolve_by, version, changed_at)
            values (i.id, o.id, i.node_id, i.place, i.number, i.category, i.severity, i.occurrence, i.people, i.summary, 'baru', i.stage, v_rise.tier, 0,
                    (w.said->'point'->>'latitude')::float8, (w.said->'point'->>'longitude')::float8, at, at + (v_rise.rule).acknowledge_within, at + (v_rise.rule).resolve_within, p_version, at)
            returning * into i;
            perform api.gather_reports(o.id, p_version, i.id, v_chain);
            perform api.enter(i, p_version, at, w.account_id, coalesce(w.channel, 'app'), 'open', 'baru', null, json_build_object('report', w.id, 'rule', (v_rise.rule).name));
            if v_base is not null then
                nodes := nodes || i.node_id; slots := slots || api.case_slot(v_base, 'baru', i.severity); deltas := deltas || 1;
            end if;
        end if;
    end loop;
end;
$$;
