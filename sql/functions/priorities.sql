-- Where to go first: the TPS at and below a region by what speaks for going there, the most first, with what that is (posko/readiness/ranking.py spells it out).
-- A score is the sum over its signals of points for each, at most `most` (posko.priority_weight). Reads counters, roster, open incidents, and
-- obligations where something is overdue; no report. What is terbatas counts for whom the lane is open, and nobody else; is_restricted says that it did.
create function api.priorities(p_operation int, p_code text, p_limit int)
returns table (code text, name text, place_name text, score int, total int, is_restricted bool, facts json)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_seqscan = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
    c_signals constant text[] := array[
        'grade.kurang_rawan', 'grade.rawan', 'grade.sangat_rawan', 'grade.khusus', 'indicator', 'incident.rendah', 'incident.sedang', 'incident.tinggi',
        'incident.kritis', 'incident.age', 'restricted.rendah', 'restricted.sedang', 'restricted.tinggi', 'restricted.kritis', 'restricted.age', 'disaster',
        'overdue', 'overdue.age', 'unreachable', 'seal_broken', 'flag', 'guard_short', 'guard_absent'];
    v_points  int[];    -- of each signal; what is restricted weighs as what is open
    v_most    int[];
    o         posko.operation;
    at        timestamptz;
    v_lane    int;
    v_anew    int[];    -- TPS that owe by hours of their own
    v_late    int[];    -- slots of milestones' overdue, by position
    v_late_of int[];    -- and their subjects
    v_flag    int;      -- the flags' run of slots
    v_flag_end int;
    v_silent  int;
    v_seal    int;
    v_guard   int;
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and restricts is null;
    at := api.clock(o);
    v_lane := (select l.id from posko.operation l where l.restricts = p_operation and api.may_see(l.id, p_code));
    v_anew := array(select v.node_id from posko.revote v join posko.node n on n.id = v.node_id where n.operation_id = p_operation);
    select array_agg(s.base + 5 order by m.position, m.code), array_agg(s.id order by m.position, m.code) into v_late, v_late_of
    from posko.milestone m join posko.subject s on s.operation_id = p_operation and s.id = m.subject_id
    where m.operation_id = p_operation and s.width >= 6;
    select max(s.base) filter (where s.kind = 'flag') + 1, max(s.base + s.width) filter (where s.kind = 'flag'), max(s.base + 1) filter (where s.kind = 'unreachable'),
           max(s.base + 6) filter (where s.kind = 'custody'), max(s.base) filter (where s.kind = 'guard')
    into v_flag, v_flag_end, v_silent, v_seal, v_guard
    from posko.subject s where s.operation_id = p_operation;

    select array_agg(w.points order by x.i), array_agg(w.most order by x.i) into v_points, v_most
    from unnest(c_signals) with ordinality as x(code, i) left join api.priority_weights(p_operation) w on w.code = replace(x.code, 'restricted.', 'incident.');

    return query
    with place as materialized (
        select n.id, n.code, n.name, n.parent_id, t.police_grade, t.indicators, r.counters,
               case when n.id = any(v_anew) then n.id else api.owing_node(n, o.root_level) end as owing_id,
               coalesce(r.counters[v_silent], 0) as silent, coalesce(r.counters[v_seal], 0) as seals, coalesce(r.counters[v_guard + 9], 0) as short,
               coalesce(r.counters[v_guard + 1], 0) + coalesce(r.counters[v_guard + 3], 0) + coalesce(r.counters[v_guard + 5], 0) + coalesce(r.counters[v_guard + 7], 0) as planned,
               coalesce(r.counters[v_guard + 2], 0) + coalesce(r.counters[v_guard + 4], 0) + coalesce(r.counters[v_guard + 6], 0) + coalesce(r.counters[v_guard + 8], 0) as present,
               (select coalesce(sum(f), 0) from unnest(r.counters[v_flag : v_flag_end]) as f)::int as flags,
               -- KPPS and guards are to be there at six.
               (o.voting_day + time '06:00' - make_interval(hours => n.utc_offset)) at time zone 'UTC' as guards_due
        from posko.node n join posko.tps t on t.node_id = n.id join posko.rollup r on r.node_id = n.id
        where n.operation_id = p_operation and n.level = 6
          and (p_code = 'ID' or n.code = p_code or n.code > p_code || '.' and n.code < p_code || '/')
    ), trouble as materialized (
        select i.place, i.id, i.operation_id = v_lane as is_hidden, i.severity, i.opened_at, p.category as of_category,
               case when p.id is not null and api.may_see(p.operation_id, p.place) then p.number end as of_number -- what lies beyond is not named
        from posko.incident i
        left join posko.incident p on p.id = i.parent_id and api.is_open(p.status) and (p.category = 'bencana' or p.category ^@ 'bencana.')
        where i.operation_id in (p_operation, v_lane) and api.is_open(i.status)
          and (p_code = 'ID' or i.place = p_code or i.place > p_code || '.' and i.place < p_code || '/')
    ), troubled as materialized (
        select i.place, coalesce(i.is_hidden, false) as is_hidden, (count(*) filter (where i.severity = 1))::int as s1, (count(*) filter (where i.severity = 2))::int as s2,
               (count(*) filter (where i.severity = 3))::int as s3, (count(*) filter (where i.severity = 4))::int as s4, min(i.opened_at) as oldest_at,
               count(i.of_category)::int as disasters
        from trouble i group by 1, 2
    ), late as materialized (
        select p.id, count(*)::int as count, min(b.due_at) as due_at
        from place p
        cross join lateral unnest(v_late, v_late_of) as m(slot, subject_id)
        left join posko.obligation b on b.node_id = p.owing_id and b.subject_id = m.subject_id
        where p.counters[m.slot] > 0
        group by p.id
    ), counted as materialized ( -- how often there is each signal, in the order of c_signals
        select p.id, p.code, array[
                   (p.police_grade = 'kurang_rawan')::int, (p.police_grade = 'rawan')::int, (p.police_grade = 'sangat_rawan')::int, (p.police_grade = 'khusus')::int,
                   cardinality(p.indicators), c.s1, c.s2, c.s3, c.s4, floor(extract(epoch from at - c.oldest_at) / 600)::int,
                   h.s1, h.s2, h.s3, h.s4, floor(extract(epoch from at - h.oldest_at) / 600)::int,
                   coalesce(c.disasters, 0) + coalesce(h.disasters, 0), l.count, floor(extract(epoch from at - l.due_at) / 600)::int,
                   p.silent, p.seals, p.flags, p.short,
                   (p.planned > 0 and p.present = 0 and at >= p.guards_due and not exists (
                       select from posko.guard_post g where g.node_id = p.id and g.withdrawn_at is null and g.left_at is not null))::int] as counts
        from place p
        left join troubled c on c.place = p.code and not c.is_hidden
        left join troubled h on h.place = p.code and h.is_hidden
        left join late l on l.id = p.id
    ), ranked as materialized (
        select k.id, w.score, count(*) over ()::int as total, k.counts
        from counted k
        cross join lateral (select sum(least(x.count * x.points, x.most))::int as score from unnest(k.counts, v_points, v_most) as x(count, points, most) where x.count > 0) w
        where w.score > 0
        order by w.score desc, k.code
        limit p_limit
    )
    select p.code, p.name, above.name, k.score, k.total, exists (select from troubled h where h.place = p.code and h.is_hidden), json_build_object(
        'points', (select json_object_agg(x.code, least(x.count * x.points, x.most))
                   from unnest(c_signals, k.counts, v_points, v_most) as x(code, count, points, most) where x.count > 0),
        'grade', p.police_grade, 'indicators', p.indicators,
        'open', (select json_build_object('severities', array[count(*) filter (where i.severity = 1), count(*) filter (where i.severity = 2),
                                                             count(*) filter (where i.severity = 3), count(*) filter (where i.severity = 4)],
                                          'oldest_minutes', floor(extract(epoch from at - min(i.opened_at)) / 60)::int)
                 from trouble i where i.place = p.code and not coalesce(i.is_hidden, false) having count(*) > 0),
        'hidden', (select json_build_object('severities', array[count(*) filter (where i.severity = 1), count(*) filter (where i.severity = 2),
                                                               count(*) filter (where i.severity = 3), count(*) filter (where i.severity = 4)],
                                            'oldest_minutes', floor(extract(epoch from at - min(i.opened_at)) / 60)::int)
                   from trouble i where i.place = p.code and i.is_hidden having count(*) > 0),
        'disasters', (select json_agg(distinct jsonb_build_object('number', i.of_number, 'category', i.of_category, 'hidden', coalesce(i.is_hidden, false)))
                      from trouble i where i.place = p.code and i.of_category is not null),
        'overdue', (select json_agg(json_build_object('milestone', w.code, 'label_id', w.label_id, 'label_en', w.label_en, 'minutes', w.minutes) order by w.minutes desc, w.position)
                    from (select m.code, m.label_id, m.label_en, m.position, coalesce(floor(extract(epoch from at - b.due_at) / 60), 0)::int as minutes
                          from posko.milestone m
                          join unnest(v_late, v_late_of) as s(slot, subject_id) on s.subject_id = m.subject_id
                          left join posko.obligation b on b.node_id = p.owing_id and b.subject_id = m.subject_id
                          where m.operation_id = p_operation and p.counters[s.slot] > 0) w),
        'flags', p.flags, 'guards_planned', p.planned, 'guards_minutes', floor(extract(epoch from at - p.guards_due) / 60)::int,
        'shortage', (select json_build_object('polri', h.polri, 'linmas', h.linmas, 'polri_asked', h.polri_asked, 'linmas_asked', h.linmas_asked)
                     from api.guard_shortage(p_operation, array[p.id]) h where p.short > 0))
    from ranked k
    join place p on p.id = k.id
    left join posko.node above on above.id = p.parent_id
    order by k.score desc, p.code;
end;
$$;
