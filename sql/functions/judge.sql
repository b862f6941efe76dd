-- What is doubtful in the reports of the given places: brings posko.flag to what their live reports say now.
-- A flag names the report that makes it so (its evidence); a clearing holds for that evidence only. What stands no more goes to
-- posko.flag_past, with the report of version p_version that has overtaken it (null: none came).
-- Keeps promise 2: a function of the set of reports. One pass of windows over each place's own reports:
--   turnout_over  voters over the DPT + 2.5 %          falling      a later turnout is lower than an earlier one
--   votes_sum     the paslon do not add up to valid    votes_users  valid + invalid is not the number of voters
--   early         before the hour that the law sets    berbeda      two reporters disagree on one number
--   time_future   after it was received (+ 2 minutes)  time_before  before the operation began
--   misdirected   corrects a report of another place, so it corrects nothing
--   dpt_over      men, or women, over their DPT where it is the owner's, and not turnout_over already
--   before_open   somebody had voted before the TPS opened
--   disabled_over more disabled than voters
--   seal_whole    right after another reporter said that the seal is broken
-- What was observed before a place's day began anew (posko.revote) is doubted no more.
create function api.judge(p_operation int, p_version bigint, p_at timestamptz, p_nodes int[]) returns void
language plpgsql
as $$
declare
    judged    posko.flag[];
    starts_at timestamp;
    has_gubernur bool;
    flag_subject smallint;
    opening   smallint;
    kinds     text[]; -- that the operation has counters of
    is_estimated bool;
begin
    select starts_on, tps_estimated into starts_at, is_estimated from posko.operation where id = p_operation;
    select id, (api.flag_kinds())[:width] into flag_subject, kinds from posko.subject where operation_id = p_operation and kind = 'flag';
    select id into opening from posko.subject where operation_id = p_operation and name = 'milestone.voting_open';
    has_gubernur := exists (select from posko.subject where operation_id = p_operation and name = 'count.gubernur');

    with live as (
        select r.id, r.node_id, coalesce(r.subject_id, flag_subject) as subject_id, s.kind, s.name, r.weight, r.observed_at, r.vals, o.opened_at,
               coalesce(r.on_behalf_of, r.account_id::text) as reporter,
               exists (select from posko.report t where t.id = r.corrects and t.operation_id = p_operation and t.node_id <> r.node_id) as is_misdirected,
               r.observed_at > r.received_at + interval '2 minutes' as is_future,
               r.observed_at < (starts_at - make_interval(hours => n.utc_offset)) at time zone 'UTC' as is_before,
               coalesce(r.observed_at < (s.not_before - make_interval(hours => n.utc_offset)) at time zone 'UTC' and r.vals[1] = 1, false) as is_early,
               -- people who voted: DPT, DPTb and DPK, men and women; the disabled are among them
               case when s.kind = 'turnout' then r.vals[2] + r.vals[3] + r.vals[4] + r.vals[5] + r.vals[6] + r.vals[7] end as users
        from unnest(p_nodes) as t(node_id)
        join posko.node n on n.id = t.node_id
        left join posko.revote v on v.node_id = t.node_id
        left join lateral ( -- once for a place: its row among the others would be dearer
            select m.observed_at as opened_at
            from posko.report m
            where m.node_id = t.node_id and m.subject_id = opening and m.vals[1] = 1 and (v.counts_from is null or m.observed_at >= v.counts_from)
              and not exists (select from posko.report c where c.corrects = m.id and c.node_id = m.node_id)
            order by m.weight, m.id
            limit 1
        ) o on true
        join posko.report r on r.node_id = t.node_id
        left join posko.subject s on s.operation_id = p_operation and s.id = r.subject_id
        where (s.kind in ('turnout', 'ballots', 'count', 'custody') or s.not_before is not null or r.corrects is not null or r.observed_at > r.received_at + interval '2 minutes'
               or r.observed_at < starts_at + interval '1 day')
          and not exists (select from posko.report c where c.corrects = r.id and c.node_id = r.node_id)
          and (v.counts_from is null or r.observed_at >= v.counts_from or s.kind is null or s.kind in ('incident', 'nihil'))
    ), placed as (
        select l.*,
               row_number() over w as place,
               first_value(l.id) over w as counting_id,
               first_value(l.vals) over w as counting_vals,
               first_value(l.reporter) over w as counting_reporter,
               row_number() over (partition by l.node_id, l.subject_id, l.reporter order by l.weight, l.id) as reporter_place,
               lag(l.users) over (partition by l.node_id, l.subject_id order by l.observed_at, l.id) as users_before,
               lag(l.observed_at) over (partition by l.node_id, l.subject_id order by l.observed_at, l.id) as observed_before,
               lag(l.reporter) over (partition by l.node_id, l.subject_id order by l.observed_at, l.id) as reporter_before,
               lag(l.vals) over (partition by l.node_id, l.subject_id order by l.observed_at, l.id) as vals_before
        from live l
        window w as (partition by l.node_id, l.subject_id order by l.weight, l.id)
    ), seen as (
        select p.*, max(case when p.place = 1 then p.users end) over (partition by p.node_id) as node_users from placed p
    )
    select array_agg(distinct row (s.node_id, f.kind, s.subject_id, case when f.kind = 'berbeda' and s.kind <> 'turnout' then s.counting_id else s.id end, p_at)::posko.flag)
    into judged
    from seen s
    left join posko.tps t on t.node_id = s.node_id
    cross join lateral (select ceil((t.voters_l + t.voters_p) * 1.025) as most) w
    -- One expression, and no row for what is not raised: a list of values (`values`) is made ready anew for every report, which cost a third of all this.
    cross join lateral unnest(array_remove(array[
        case when s.is_misdirected then 'misdirected' end,
        case when s.is_future then 'time_future' end,
        case when s.is_before then 'time_before' end,
        case when s.is_early and s.place = 1 then 'early' end,
        case when s.place = 1 and s.users > w.most then 'turnout_over' end,
        case when s.kind = 'turnout' and s.place = 1 and not is_estimated and s.users <= w.most and (s.vals[2] > t.voters_l or s.vals[3] > t.voters_p) then 'dpt_over' end,
        case when s.kind = 'turnout' and s.place = 1 and s.vals[8] + s.vals[9] > s.users then 'disabled_over' end,
        case when s.users > 0 and s.observed_at < s.opened_at then 'before_open' end,
        case when s.kind = 'custody' and s.vals[6] = 0 and s.vals_before[6] = 1 and s.reporter <> s.reporter_before then 'seal_whole' end,
        case when s.users < s.users_before then 'falling' end,
        case when s.kind = 'count' and s.place = 1 and s.vals[2] <> (select coalesce(sum(v), 0) from unnest(s.vals[4:]) v) then 'votes_sum' end,
        -- Whoever moved in from elsewhere votes in the wider contest only: the narrower one may count fewer than the users.
        case when s.kind = 'count' and s.place = 1 and s.node_users is not null
             and (s.vals[2] + s.vals[3] > s.node_users
                  or s.vals[2] + s.vals[3] < s.node_users and (s.name = 'count.gubernur' or not has_gubernur)) then 'votes_users' end,
        -- On a final number the latest words of two reporters differ (the evidence is the one that counts); on the running turnout, their words
        -- of one moment.
        case when s.kind in ('count', 'ballots') and s.reporter_place = 1 and s.reporter <> s.counting_reporter and s.vals <> s.counting_vals
               or s.kind = 'turnout' and s.observed_at = s.observed_before and s.reporter <> s.reporter_before and s.vals <> s.vals_before then 'berbeda' end
    ], null)) as f(kind)
    where f.kind = any(kinds);

    with gone as (
        select f.node_id, f.kind, f.subject_id, f.report_id from posko.flag f where f.node_id = any(p_nodes)
        except
        select j.node_id, j.kind, j.subject_id, j.report_id from unnest(judged) j
    ), ended as (
        delete from posko.flag f using gone g
        where (f.node_id, f.kind, f.subject_id, f.report_id) = (g.node_id, g.kind, g.subject_id, g.report_id)
        returning f.*
    )
    insert into posko.flag_past (node_id, kind, subject_id, report_id, raised_at, ended_at, ended_by)
    select e.node_id, e.kind, e.subject_id, e.report_id, e.raised_at, p_at, (
        -- Of several that came at once: what corrects it, else what is about the same.
        select r.id from posko.report r
        where r.node_id = e.node_id and r.version = p_version
        order by r.corrects is distinct from e.report_id, r.subject_id is distinct from e.subject_id, r.weight, r.id
        limit 1)
    from ended e;
    insert into posko.flag select j.* from unnest(judged) j on conflict do nothing;
end;
$$;
