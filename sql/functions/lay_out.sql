-- Gives every subject of a draft operation its slots, and every slot its name, from the operation's milestones and contests.
-- Slots used early in the day come first, so that the counters of a TPS stay short until evening; what most TPS never
-- report (incidents, flags) comes after the milestones, which all of them do, and after directives, which may go to all of them.
create function api.lay_out(p_operation int) returns void
language plpgsql
as $$
declare
    o posko.operation;
begin
    update posko.operation set layout = layout + 1, version = version + 1 where id = p_operation returning * into o;
    if o.state <> 'draft' then
        raise 'operation % is %: its milestones and contests are fixed', p_operation, o.state using errcode = 'PK409';
    end if;
    delete from posko.counter where operation_id = p_operation;

    create temp table wanted on commit drop as
    with paslon as (
        select c.kind, min(c.region_level) as top_level, max(p.number) as last_number
        from posko.contest c join posko.paslon p on p.contest_id = c.id
        where c.operation_id = p_operation
        group by c.kind
    )
    select 0 as section, 1 as position, 'presence' as kind, 'presence' as name, 0 as top_level, null::timestamp as not_before,
           array['tps', 'voters_l', 'voters_p', 'reports', 'covered'] as slots
    union all
    select 1, m.position, 'milestone', 'milestone.' || m.code, 0,
           case when m.code = 'count_started' then o.voting_day + time '13:00' end,
           array['milestone.' || m.code || '.reached', 'milestone.' || m.code || '.late',
                 'milestone.' || m.code || '.not_possible', 'milestone.' || m.code || '.unreachable',
                 'milestone.' || m.code || '.overdue', 'milestone.' || m.code || '.excused']
    from posko.milestone m where m.operation_id = p_operation
    union all
    select 2, -1, 'directive', 'directive', 0, null, array['directive.sent', 'directive.unanswered', 'directive.read', 'directive.accepted', 'directive.refused',
                                                           'directive.done', 'directive.overdue']
    union all
    select 2, 0, 'incident', 'incident', 0, null, array['incident.rendah', 'incident.sedang', 'incident.tinggi', 'incident.kritis']
    union all
    select 2, 1, 'case', 'case', 0, null,
           array(select 'case.' || s || '.' || v from unnest(api.case_statuses()) with ordinality as s(s, i),
                 unnest(array['rendah', 'sedang', 'tinggi', 'kritis']) with ordinality as v(v, j) order by i, j) || array['case.overdue']
    union all
    select 2, 2, 'alarm', 'alarm', 0, null, array['alarm.belum_lapor', 'alarm.kota_diam', 'alarm.hadir', 'alarm.nihil', 'alarm.webhook']
    union all
    select 2, 4, 'team', 'team', 0, null, array['team.total', 'team.briefed', 'team.present']
    union all
    select 2, 5, 'guard', 'guard', 0, null,
           array(select 'guard.' || w || '.' || k from unnest(array['polri', 'tni', 'linmas', 'other']) with ordinality as w(w, i),
                 unnest(array['planned', 'present']) with ordinality as k(k, j) order by i, j) || array['guard.short']
    union all
    select 3, 0, 'nihil', 'nihil', 0, null, array['nihil']
    union all
    select 4, 0, 'unreachable', 'unreachable', 0, null, array['unreachable']
    union all
    select 5, 0, 'flag', 'flag', 0, null, array(select 'flag.' || k from unnest(api.flag_kinds()) with ordinality as k(k, i) order by i)
    union all
    select 6, 0, 'custody', 'custody', 0, null, array['custody.kelurahan', 'custody.tps', 'custody.perjalanan', 'custody.pps',
                                                      'custody.ppk', 'custody.seal_broken']
    union all
    select 7, 0, 'turnout', 'turnout', 0, null, array['turnout.tps', 'turnout.dpt_l', 'turnout.dpt_p', 'turnout.dptb_l', 'turnout.dptb_p',
                                                      'turnout.dpk_l', 'turnout.dpk_p', 'turnout.disabled_l', 'turnout.disabled_p']
    union all
    select 8, 0, 'ballots', 'ballots.' || p.kind, p.top_level, null,
           array['ballots.' || p.kind || '.tps', 'ballots.' || p.kind || '.received', 'ballots.' || p.kind || '.used',
                 'ballots.' || p.kind || '.spoilt', 'ballots.' || p.kind || '.unused']
    from paslon p
    union all
    select 9, 0, 'count', 'count.' || p.kind, p.top_level, o.voting_day + time '13:00',
           array['count.' || p.kind || '.tps', 'count.' || p.kind || '.valid', 'count.' || p.kind || '.invalid']
               || array(select 'count.' || p.kind || '.paslon.' || n from generate_series(1, p.last_number) n)
    from paslon p;
    if o.restricts is not null then
        delete from wanted where kind not in ('presence', 'incident', 'case', 'directive', 'flag'); -- what may be terbatas, and what comes with it
    end if;

    update posko.milestone set subject_id = null where operation_id = p_operation;
    delete from posko.subject where operation_id = p_operation;
    insert into posko.subject (operation_id, id, name, kind, top_level, not_before, base, width)
    select p_operation, row_number() over w, name, kind, top_level, not_before,
           sum(cardinality(slots)) over w - cardinality(slots), cardinality(slots)
    from wanted
    window w as (order by section, position, name);
    update posko.milestone m set subject_id = s.id
    from posko.subject s where m.operation_id = p_operation and s.operation_id = p_operation and s.name = 'milestone.' || m.code;

    insert into posko.counter (operation_id, slot, name, top_level)
    select p_operation, s.base + n.i, n.name, s.top_level
    from posko.subject s join wanted w on w.name = s.name cross join lateral unnest(w.slots) with ordinality n(name, i)
    where s.operation_id = p_operation;
    drop table wanted;
end;
$$;
