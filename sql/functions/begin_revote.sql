-- When it is decided that TPS vote again, later, or go on later: their day begins anew on that date. What was observed there before counts no
-- more (in a psl it goes on counting), but of what is planned for the days before it; they owe every milestone of the voting day again, by its
-- new hour. Answers the places.
-- They are the TPS of the incident and of its parts, all within the seat; the caller holds the operation's row.
create function api.begin_revote(o posko.operation, i posko.incident, p_at timestamptz, p_account int, p_seat int) returns text[]
language plpgsql
as $$
declare
    c_most constant int := 365; -- days after the voting day
    v_tps  int[];
    -- What is planned for the days before (logistics) is observed then; what is from the first voting day never counts again.
    v_anew date := greatest(o.voting_day + 1, i.revote_on + (select least(0, min(m.day)) from posko.milestone m where m.operation_id = o.id)::int);
begin
    if i.revote_on is null or o.restricts is not null then
        return '{}';
    elsif i.revote_on <= o.voting_day and i.revote_kind <> 'psl' then
        raise 'the new day must lie after %', o.voting_day using errcode = 'PK411';
    elsif i.revote_on < o.voting_day or i.revote_on > o.voting_day + c_most then
        raise 'the new day must lie within % days from %', c_most, o.voting_day using errcode = 'PK411';
    end if;
    select array_agg(distinct n.id) into v_tps
    from posko.incident c join posko.node n on n.id = c.node_id
    where (c.id = i.id or c.parent_id = i.id and c.status not in ('digabung', 'batal')) and n.level = 6;
    if v_tps is null then
        raise 'incident % is about no TPS: a revote is of TPS', i.number using errcode = 'PK411';
    elsif exists (select from posko.node n where n.id = any(v_tps) and api.seat_level(p_account, p_seat, array['supervisor', 'admin'], o, n.code) is null) then
        raise 'incident % has parts beyond this seat: whose seat covers them decides', i.number using errcode = 'PK411';
    end if;
    insert into posko.revote (node_id, kind, vote_on, counts_from, incident_id, account_id, decided_at)
    select n.id, i.revote_kind, i.revote_on,
           case when i.revote_kind <> 'psl' then (v_anew - make_interval(hours => n.utc_offset)) at time zone 'UTC' end, i.id, p_account, p_at
    from posko.node n where n.id = any(v_tps)
    on conflict (node_id) do update
    set kind = excluded.kind, vote_on = excluded.vote_on, counts_from = excluded.counts_from, incident_id = excluded.incident_id,
        account_id = excluded.account_id, decided_at = excluded.decided_at;
    insert into posko.obligation (operation_id, node_id, subject_id, due_at)
    select o.id, n.id, m.subject_id, (i.revote_on + m.day + m.planned + m.grace - make_interval(hours => n.utc_offset)) at time zone 'UTC'
    from posko.node n join posko.milestone m on m.operation_id = o.id join posko.subject s on s.operation_id = o.id and s.id = m.subject_id and s.width = 6
    where n.id = any(v_tps)
    on conflict (node_id, subject_id) do update
    set due_at = excluded.due_at, overdue_at = case when excluded.due_at > p_at then null else obligation.overdue_at end,
        alarmed_at = case when excluded.due_at > p_at then null else obligation.alarmed_at end;
    perform api.refold(o.id, o.version + 1, array_agg(n.id), array_agg(s.id::int))
    from unnest(v_tps) as n(id), posko.subject s
    where s.operation_id = o.id and s.kind in ('milestone', 'custody', 'turnout', 'ballots', 'count');
    perform api.judge(o.id, null, posko.now(), v_tps);
    perform api.refold(o.id, o.version + 1, array_agg(n.id), array_agg(s.id::int)) from unnest(v_tps) as n(id), posko.subject s where s.operation_id = o.id and s.kind = 'flag';
    return array(select n.code from posko.node n where n.id = any(v_tps));
end;
$$;
