-- What incident reports that were just filed open, join or correct; answers what that adds to the counters, as three arrays.
-- Keeps promise 2: of an incident that nobody has touched, whether it is and how grave it is are a function of its live reports, whatever
-- the order in which they and their corrections come. Its id is that of the report that opened it. The caller holds the operation's row.
create function api.open_incidents(o posko.operation, p_version bigint, p_ids uuid[], out nodes int[], out slots int[], out deltas int[])
language plpgsql
as $$
declare
    at        timestamptz := api.clock(o);
    w         record;
    i         posko.incident;
    v_chain   uuid[];
    v_cases   uuid[];
    v_touched uuid[];
    v_was     posko.incident[];
begin
    for w in
        select r.id, r.node_id, r.account_id, r.corrects, n.code, n.utc_offset, coalesce(c.body->'content'->'replacement', c.body->'content') as said,
               coalesce(c.body->>'channel', 'app') as channel, coalesce(s.kind = 'incident', false) as is_incident,
               exists (select from posko.report x where x.corrects = r.id and x.node_id = r.node_id) as is_corrected
        from posko.report r
        join posko.node n on n.id = r.node_id
        left join posko.subject s on s.operation_id = o.id and s.id = r.subject_id
        cross join lateral (select r.body::jsonb as body) c
        where r.id = any(p_ids) and (s.kind = 'incident' or r.corrects is not null)
        order by r.corrects is not null, r.id
    loop
        -- The incidents that its chain of corrections is part of; else the one that it says it belongs to, or what that was merged into.
        v_chain := case when w.corrects is null and not w.is_corrected then array[w.id] else array(select api.corrections_of(w.id)) end;
        select array_agg(distinct p.incident_id order by p.incident_id) into v_cases from posko.incident_report p where p.report_id = any(v_chain);
        if v_cases is null and w.is_incident and w.said->>'joins' is not null then
            v_cases := api.joined_incident(o, w.account_id, (w.said->>'joins')::uuid);
        end if;
        if v_cases is null and not (w.is_incident and not w.is_corrected) then
            continue;
        elsif v_cases is null then
            i := api.open_incident(o, p_version, at, w.id, w.node_id, w.said, w.account_id, w.channel);
            perform api.gather_reports(o.id, p_version, i.id, v_chain);
            v_was := v_was || jsonb_populate_record(i, '{"status": "batal"}'); -- there was nothing to count
        else
            for i in select * from posko.incident where id = any(v_cases) order by id loop
                v_was := v_was || case when i.id in (select b.id from unnest(v_was) as b) then null else i end;
                if i.id <> v_cases[1] and i.status = 'baru' then
                    perform api.absorb_incident(o, p_version, at, i, v_cases[1], null);
                end if;
            end loop;
            select * into i from posko.incident where id = v_cases[1];
            perform api.gather_reports(o.id, p_version, i.id, v_chain);
            perform api.enter(i, p_version, at, w.account_id, w.channel, case when w.is_incident then 'report' else 'report_withdrawn' end, i.status, null,
                              json_build_object('report', w.id, 'corrects', w.corrects));
            if w.is_incident and not w.is_corrected and not api.follows_reports(i) then
                select * into i from posko.incident where id = i.id;
                perform api.allege(o, p_version, at, i, array_position(array['rendah', 'sedang', 'tinggi', 'kritis'], w.said->>'severity'), w.id);
            end if;
        end if;
        v_touched := v_touched || i.id;
    end loop;

    perform api.refold_incident(o, p_version, at, t.id) from (select distinct id from unnest(v_touched) as t(id) order by id) as t;
    select array_agg(d.node_id), array_agg(d.slot), array_agg(d.value) into nodes, slots, deltas
    from unnest(v_was) as b join posko.incident n on n.id = b.id cross join lateral api.case_deltas(b, n) d
    where b.id is not null;
end;
$$;
