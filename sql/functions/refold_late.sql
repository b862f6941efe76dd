-- Folds a milestone again where a report lies between its old and its new hour (both local to the TPS, of its own voting day), and rolls up
-- what changed.
-- The caller holds the operation's row and has already changed the plan.
create function api.refold_late(p_operation int, p_subject int, p_version bigint, p_was timestamp, p_is timestamp) returns void
language plpgsql
as $$
declare
    s       posko.subject;
    v_day   date := (select voting_day from posko.operation where id = p_operation);
    v_moved int[];
begin
    select * into s from posko.subject where operation_id = p_operation and id = p_subject;
    select array_agg(n.id) into v_moved
    from posko.node n
    join posko.rollup r on r.node_id = n.id
    left join posko.revote v on v.node_id = n.id
    cross join lateral (select make_interval(days => coalesce(v.vote_on - v_day, 0), hours => -n.utc_offset) as shift) d
    where n.operation_id = p_operation and n.level = 6 and r.counters[s.base + 1] > 0
      and exists (select from posko.report w
                  where w.node_id = n.id and w.subject_id = s.id
                    and w.observed_at > (least(p_was, p_is) + d.shift) at time zone 'UTC'
                    and w.observed_at <= (greatest(p_was, p_is) + d.shift) at time zone 'UTC');
    perform api.refold(p_operation, p_version, v_moved, array_fill(s.id::int, array[coalesce(cardinality(v_moved), 0)]));
end;
$$;
