-- Whether a desk has filed a nihil or an incident about its own region after a moment of the operation's clock.
-- Reports bear the wall clock: a drill's moment is brought to it.
create function api.has_spoken(p_operation int, p_node int, p_since timestamptz) returns boolean
language sql stable
as $$
    select exists (
        select from posko.operation o
        join posko.subject s on s.operation_id = o.id and s.kind in ('nihil', 'incident')
        join posko.report r on r.node_id = p_node and r.subject_id = s.id
        where o.id = p_operation
          and not exists (select from posko.report c where c.corrects = r.id and c.node_id = r.node_id)
          and r.received_at > case when o.clock_at is null then p_since
                                   else o.clock_set_at + (p_since - o.clock_at) / greatest(o.clock_speed, 0.001) end);
$$;
