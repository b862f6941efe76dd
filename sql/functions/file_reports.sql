-- Files a batch of reports in one transaction: inserts each once by id, folds what they touch, rolls it up, and answers per item.
-- Keeps the promises 1 (durable), 2 (order does not matter), 3 (children sum to the parent), 12 (reports never change).
-- One row of each array is one report; vals are the subject's counters if this report counts.
-- Outcomes: accepted, duplicate, conflict (same id, other content), unknown_place, wrong_place (a number for a region),
-- too_many (over p_limit reports of one place), second_person (api.needs_second).
-- The second wall: each item's seat is looked up here too. A place beyond it answers as one that does not exist.
-- p_persons: per report null, or a json array of {position, part, name} kept apart from what the report says.
create function api.file_reports(
    p_operation int, p_layout int, p_limit int,
    p_ids uuid[], p_accounts int[], p_seats int[], p_behalves text[], p_persons text[], p_codes text[], p_subjects int[], p_weights bigint[],
    p_observed timestamptz[], p_corrects uuid[], p_vals text[], p_bodies text[]
) returns table (item int, outcome text, version bigint, received_at timestamptz, flags text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- What it calls inherits these: a plan made on the morning's empty tables must not be used on the noon's full ones.
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_bitmapscan = off
as $$
#variable_conflict use_column
declare
    o          posko.operation;
    at         timestamptz;
    v_version  bigint;
    v_ids      uuid[];
    v_nodes    int[];   -- of the inserted reports
    v_subjects int[];
    v_judge    int[];
    v_corrected int[];
    v_silent   int[];   -- of the places, as they stood before
    v_fresh    int[];
    v_misdirected int[];
    t_nodes    int[];   -- touched (node, subject) pairs
    t_subjects int[];
    d_nodes    int[];   -- deltas
    d_slots    int[];
    d_deltas   int[];
    presence   int;     -- where the slots of presence and of unreachable begin
    silence    int;
    c_nodes    int[];   -- what incidents add to them
    c_slots    int[];
    c_deltas   int[];
    v_incident int;     -- subjects: incident; unreachable; which a region may have too; which are judged whatever they say
    v_unreachable int;
    v_regional int[];
    v_judged   int[];
    v_custody  int;     -- a word on a seal is doubtful only where another was that it is broken
    v_opening  int;     -- the opening, only where somebody is said to have voted
    turnout    int;
    v_doubted  int[];
begin
    update posko.operation set version = version + 1 where id = p_operation and state = 'active' and layout = p_layout returning * into o;
    if o.id is null then
        select * into o from posko.operation where id = p_operation;
        if o.id is null then
            raise 'there is no operation %', p_operation using errcode = 'PK404';
        elsif o.state <> 'active' then
            raise 'operation % is %', p_operation, o.state using errcode = 'PK409';
        else
            raise 'operation % has changed its layout to %', p_operation, o.layout using errcode = 'PK410';
        end if;
    end if;
    at := posko.now();
    v_version := o.version;
    if o.restricts is not null then
        perform api.ensure_places(p_operation, o.restricts, v_version, p_codes);
    end if;
    select max(s.base) filter (where s.kind = 'presence'), max(s.base) filter (where s.kind = 'unreachable'), max(s.id) filter (where s.kind = 'unreachable'),
           max(s.id) filter (where s.kind = 'incident'),
           array_agg(s.id) filter (where s.kind in ('incident', 'nihil', 'unreachable')),
           array_agg(s.id) filter (where s.kind in ('turnout', 'ballots', 'count') or s.not_before is not null),
           max(s.id) filter (where s.kind = 'custody'), max(s.id) filter (where s.name = 'milestone.voting_open'), max(s.base) filter (where s.kind = 'turnout')
    into presence, silence, v_unreachable, v_incident, v_regional, v_judged, v_custody, v_opening, turnout
    from posko.subject s where s.operation_id = p_operation;

    -- Each id once; whoever is refused by the rules that need the tree is left out, its neighbours go on.
    with item as (
        select i.*, n.id as node_id,
               i.subject_id = v_unreachable or (coalesce(r.own, r.counters))[silence + 1] = 1 as is_silent,
               r.own is null and coalesce(r.counters[presence + 5], 0) = 0 as is_fresh,
               case i.subject_id
                   when v_opening then r.counters[turnout + 1] > 0
                   when v_custody then (i.vals::int[])[6] = 1 or exists (
                       select from posko.report b where b.node_id = n.id and b.subject_id = v_custody and b.vals[6] = 1)
               end as is_doubted
        from unnest(p_ids, p_accounts, p_seats, p_behalves, p_codes, p_subjects, p_weights, p_observed, p_corrects, p_vals, p_bodies)
            with ordinality as i(id, account_id, seat_id, on_behalf_of, code, subject_id, weight, observed_at, corrects, vals, body, item)
        join posko.assignment g on g.id = i.seat_id and g.account_id = i.account_id
        join posko.account a on a.id = i.account_id
        join posko.node n on n.operation_id = p_operation and n.code = i.code
        join posko.rollup r on r.node_id = n.id
        where g.revoked_at is null and g.starts_at <= at and (g.ends_at is null or g.ends_at > at) and a.disabled_at is null
          and g.role in ('petugas', 'operator', 'supervisor', 'admin', 'system')
          and (g.operation_id is null or g.operation_id in (o.id, o.restricts)) and api.covers(g.regions, i.code)
          and not (i.corrects is not null and api.needs_second(i.corrects, i.account_id, g.role, p_operation, i.subject_id))
          and (n.level = 6 or i.subject_id is null or i.subject_id = any(v_regional))
          and coalesce((coalesce(r.own, r.counters))[presence + 4], 0) < p_limit
    ), inserted as (
        insert into posko.report (id, operation_id, node_id, account_id, on_behalf_of, version, subject_id, weight, observed_at, received_at, corrects, vals, body)
        select id, p_operation, node_id, account_id, on_behalf_of, v_version, subject_id, weight, observed_at, at, corrects, vals::int[], body::json
        from item
        on conflict (id) do nothing
        returning id, node_id, subject_id, observed_at, corrects
    )
    select array_agg(i.id), array_agg(i.node_id), array_agg(i.subject_id),
           array_agg(distinct i.node_id) filter (where i.subject_id = any(v_judged) or i.corrects is not null
               or i.observed_at > at + interval '2 minutes' or i.observed_at < o.starts_on + interval '1 day'),
           array_agg(distinct i.node_id) filter (where i.corrects is not null),
           (select array_agg(distinct node_id) from item where is_silent),
           (select array_agg(distinct node_id) from item where is_fresh),
           (select array_agg(distinct node_id) from item where is_doubted)
    into v_ids, v_nodes, v_subjects, v_judge, v_corrected, v_silent, v_fresh, v_doubted
    from inserted i;

    if array_remove(p_persons, null) <> '{}' then
        insert into posko.report_person (report_id, position, operation_id, part, name)
        select i.id, p.position, p_operation, p.part, p.name
        from unnest(p_ids, p_persons) as i(id, persons), json_to_recordset(i.persons::json) as p(position smallint, part text, name text)
        where i.id = any(v_ids)
        on conflict do nothing;
    end if;

    if v_ids is null then
        update posko.operation set version = version - 1 where id = p_operation; -- nothing is new: nothing has changed
    else
        -- Whoever corrects one of these from another place corrects nothing: that place is judged anew.
        select array_agg(distinct m.node_id) into v_misdirected
        from unnest(v_ids, v_nodes) as i(id, node_id) join posko.report m on m.corrects = i.id and m.operation_id = p_operation and m.node_id <> i.node_id;
        if v_misdirected is not null or v_doubted is not null then -- each place once
            select array_agg(j.node_id) into v_judge
            from (select unnest(v_judge) union select unnest(v_misdirected) union select unnest(v_doubted)) as j(node_id);
        end if;

        -- What they touch: their own subjects; of a corrected place, all; of a place that is or was silent, its milestones.
        if v_silent is null and v_corrected is null and v_judge is null then
            select array_agg(t.node_id), array_agg(t.subject_id) into t_nodes, t_subjects
            from (select distinct i.node_id, i.subject_id from unnest(v_nodes, v_subjects) as i(node_id, subject_id)) t;
        else
            select array_agg(t.node_id), array_agg(t.subject_id) into t_nodes, t_subjects
            from (
                select i.node_id, i.subject_id from unnest(v_nodes, v_subjects) as i(node_id, subject_id) where i.subject_id is not null
                union
                select q.node_id, s.id from unnest(v_silent) as q(node_id), posko.subject s
                where s.operation_id = p_operation and s.kind in ('milestone', 'unreachable')
                union
                select c.node_id, s.id from unnest(v_corrected) as c(node_id), posko.subject s
                where s.operation_id = p_operation and api.is_folded(s.kind)
                union
                select j.node_id, s.id from unnest(v_judge) as j(node_id), posko.subject s
                where s.operation_id = p_operation and s.kind = 'flag'
            ) t;
        end if;

        if v_judge is not null then
            perform api.judge(p_operation, v_version, at, v_judge);
        end if;

        select d.nodes, d.slots, d.deltas into d_nodes, d_slots, d_deltas from api.deltas(p_operation, t_nodes, t_subjects) d;
        if v_silent is not null or v_corrected is not null then
            perform api.rouse(p_operation, d_nodes, d_slots, d_deltas);
        end if;
        -- Presence adds up: every report counts, a TPS is covered once.
        if cardinality(v_ids) < cardinality(p_ids) then
            select array_agg(f.node_id) into v_fresh from (select unnest(v_fresh) intersect select unnest(v_nodes)) as f(node_id);
        end if;
        if v_corrected is not null or v_incident = any(v_subjects) then
            select w.nodes, w.slots, w.deltas into c_nodes, c_slots, c_deltas from api.open_incidents(o, v_version, v_ids) w;
            perform api.publish_incidents(o, v_version);
        end if;
        perform api.roll_up(p_operation, v_version, api.on_clock(o, at),
            c_nodes || d_nodes || v_nodes || v_fresh,
            c_slots || d_slots || array_fill(presence + 4, array[cardinality(v_nodes)]) || array_fill(presence + 5, array[coalesce(cardinality(v_fresh), 0)]),
            c_deltas || d_deltas || array_fill(1, array[cardinality(v_nodes) + coalesce(cardinality(v_fresh), 0)]));
        if v_judge is not null then
            perform api.publish_flags(o, v_version, api.clock(o), v_ids);
        end if;
    end if;

    if cardinality(v_ids) = cardinality(p_ids) then
        return query
        select i, 'accepted', v_version, at,
               case when v_judge is not null then (select array_agg(f.kind order by f.kind) from posko.flag f where f.report_id = p_ids[i]) end
        from generate_series(1, cardinality(p_ids)) as i;
        return;
    end if;

    return query
    select i.item::int,
           case
               when r.id is not null and r.version = v_version and r.id = any(v_ids)
                    and i.item = min(i.item) over (partition by i.id) then 'accepted'
               when r.id is not null and r.operation_id = p_operation and r.body::text = i.body then 'duplicate'
               when r.id is not null then 'conflict'
               when n.id is null then 'unknown_place'
               when i.corrects is not null and api.needs_second(i.corrects, i.account_id, g.role, p_operation, i.subject_id) then 'second_person'
               when n.level <> 6 and s.kind not in ('incident', 'nihil', 'unreachable') then 'wrong_place'
               when coalesce((coalesce(u.own, u.counters))[presence + 4], 0) >= p_limit then 'too_many'
               else 'unknown_place' -- beyond the seat
           end,
           r.version, r.received_at,
           case when v_judge is not null then (select array_agg(f.kind order by f.kind) from posko.flag f where f.report_id = r.id) end
    from unnest(p_ids, p_accounts, p_seats, p_codes, p_subjects, p_corrects, p_bodies) with ordinality as i(id, account_id, seat_id, code, subject_id, corrects, body, item)
    left join posko.report r on r.id = i.id
    left join posko.node n on r.id is null and n.operation_id = p_operation and n.code = i.code
    left join posko.rollup u on u.node_id = n.id
    left join posko.assignment g on g.id = i.seat_id
    left join posko.subject s on s.operation_id = p_operation and s.id = i.subject_id;
end;
$$;
