-- What the reports say now: the non-zero counters of the given (node, subject) pairs, folded from the reports themselves.
-- Keeps the promises 2 (a function of the set of reports, whatever the order in which they came) and 8 (silence counts):
--   * live = not corrected by a later report of the same node, and, but for incidents and nihil, not from before the place's day began anew
--     (posko.revote);
--   * of a subject's live reports the least (weight, id) counts: the first seen of a milestone, the latest of a number;
--   * incidents and nihil add up;
--   * a TPS is unreachable while the last attempt is later than the last word from it, neither later than it was received: else an hour of
--     tomorrow would last for ever;
--   * of a milestone without a word a TPS is unreachable, else excused, else overdue once that was found (posko.obligation).
create function api.cells(p_operation int, p_nodes int[], p_subjects int[])
returns table (node_id int, slot int, value int)
language sql stable
as $$
    with plan as materialized ( -- by subject: their ids are 1, 2, 3 ... (api.lay_out)
        select array_agg(s.kind order by s.id) as kinds, array_agg(s.base::int order by s.id) as bases, min(o.root_level) as root_level,
               -- of a TPS at UTC
               array_agg(coalesce((o.voting_day + m.day + m.planned + m.grace) at time zone 'UTC', 'infinity') order by s.id) as late_after
        from posko.operation o
        join posko.subject s on s.operation_id = o.id
        left join posko.milestone m on m.operation_id = o.id and m.subject_id = s.id
        where o.id = p_operation
    ), anew as materialized ( -- places whose day began anew, and by how many days later
        select v.node_id, coalesce(v.counts_from, '-infinity') as counts_from, make_interval(days => v.vote_on - o.voting_day) as later
        from posko.revote v, posko.operation o
        where v.node_id = any(p_nodes) and o.id = p_operation
    ), touched as materialized (
        select t.node_id, t.subject_id, (select kinds from plan)[t.subject_id] as kind, (select bases from plan)[t.subject_id] as base,
               (select late_after from plan)[t.subject_id] + coalesce(a.later, interval '0') as late_after,
               case when (select kinds from plan)[t.subject_id] not in ('incident', 'nihil') then a.counts_from end as counts_from
        from unnest(p_nodes, p_subjects) as t(node_id, subject_id)
        left join anew a on a.node_id = t.node_id
    ), silent as materialized (
        select t.node_id
        from touched t
        where t.kind = 'unreachable'
          and (select max(least(r.observed_at, r.received_at)) from posko.report r where r.node_id = t.node_id and r.subject_id = t.subject_id and not exists (
                   select from posko.report c where c.corrects = r.id and c.node_id = r.node_id))
            > coalesce((select max(least(r.observed_at, r.received_at)) from posko.report r
                        where r.node_id = t.node_id and r.subject_id is distinct from t.subject_id), '-infinity')
    ), heard as materialized ( -- a pair without a word has a row without vals
        select t.node_id, t.subject_id, t.kind, t.base, n.level, r.vals,
               r.vals[1] = 1 and r.observed_at + make_interval(hours => n.utc_offset) > t.late_after as is_late
        from touched t
        join posko.node n on n.id = t.node_id
        left join lateral (
            select r.vals, r.observed_at
            from posko.report r
            where r.node_id = t.node_id and r.subject_id = t.subject_id
              and not exists (select from posko.report c where c.corrects = r.id and c.node_id = r.node_id)
              and (t.counts_from is null or r.observed_at >= t.counts_from)
            order by r.weight, r.id
            -- The index answers in this order: however long the history, one row is read where one counts.
            limit case when t.kind not in ('incident', 'nihil') then 1 end
        ) r on true
    )
    select v.node_id, v.slot, sum(v.value)::int
    from (select h.node_id, h.base + generate_subscripts(h.vals, 1) as slot, unnest(h.vals) as value from heard h where h.kind <> 'unreachable') v
    where v.value <> 0
    group by v.node_id, v.slot
    union all
    select h.node_id, h.base + 2, 1 from heard h where h.is_late
    union all
    select t.node_id, t.base + 1, 1 from silent q join touched t on t.node_id = q.node_id and t.kind = 'unreachable'
    union all
    select h.node_id, h.base + w.place, 1
    from heard h
    cross join lateral (
        select case
            when exists (select from silent q where q.node_id = h.node_id) then 4
            when exists (select from posko.excuse e where e.node_id = h.node_id and e.subject_id = h.subject_id and e.withdrawn_at is null) then 6
            when api.is_overdue(h.node_id, h.subject_id, (select root_level from plan)) then 5
        end as place
    ) w
    where h.kind = 'milestone' and h.vals is null and h.level = 6 and w.place is not null
    union all
    select f.node_id, t.base + array_position(api.flag_kinds(), f.kind), count(*)::int
    from touched t join posko.flag f on f.node_id = t.node_id
    where t.kind = 'flag' and not exists (
        select from posko.flag_clearing c
        where (c.node_id, c.kind, c.subject_id, c.report_id) = (f.node_id, f.kind, f.subject_id, f.report_id))
    group by f.node_id, t.base, f.kind;
$$;
