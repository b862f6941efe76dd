-- Counts what has become of one target of a directive: at the directive, and from the place up. The caller holds the operation's row and has bumped its version.
create function api.count_directive(o posko.operation, p_directive uuid, t posko.directive_target, n posko.directive_target) returns void
language plpgsql
as $$
declare
    v_base   int := (select s.base from posko.subject s where s.operation_id = o.id and s.kind = 'directive');
    v_deltas int[] := array(select a.now - b.was
                            from unnest(api.directive_counts(t.state, t.is_open, t.overdue_at is not null)) with ordinality as b(was, i)
                            join unnest(api.directive_counts(n.state, n.is_open, n.overdue_at is not null)) with ordinality as a(now, i) using (i)
                            order by i);
begin
    update posko.directive
    set sent = sent + v_deltas[1], unanswered = unanswered + v_deltas[2], read = read + v_deltas[3], accepted = accepted + v_deltas[4],
        refused = refused + v_deltas[5], done = done + v_deltas[6], overdue = overdue + v_deltas[7], version = o.version
    where id = p_directive;
    if v_base is not null then
        perform api.roll_up(o.id, o.version, null, array_agg(t.node_id), array_agg(v_base + c.i::int), array_agg(c.delta))
        from unnest(v_deltas) with ordinality as c(delta, i)
        where c.delta <> 0
        having count(*) > 0;
    end if;
end;
$$;
