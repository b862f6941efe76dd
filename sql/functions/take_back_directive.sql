-- Takes a withdrawn directive back from the next of those who have not answered; answers their codes. What was answered stays.
-- The caller holds the operation's row and has bumped its version.
create function api.take_back_directive(o posko.operation, p_directive uuid, p_at timestamptz, p_limit int) returns text[]
language plpgsql
as $$
declare
    v_base   int := (select s.base from posko.subject s where s.operation_id = o.id and s.kind = 'directive');
    v_codes  text[];
    v_nodes  int[];
    v_read   int[];
    v_accepted int[];
    v_late   int[];
begin
    with chosen as (
        select t.node_id from posko.directive_target t where t.directive_id = p_directive and t.is_open order by t.place limit p_limit
    ), taken as (
        update posko.directive_target t set state = 'ditarik', version = o.version, changed_at = greatest(p_at, t.changed_at)
        from chosen w where t.node_id = w.node_id and t.directive_id = p_directive
        returning t.node_id, t.place, old.state as was, t.overdue_at
    )
    select coalesce(array_agg(place), '{}'), coalesce(array_agg(node_id), '{}'), coalesce(array_agg(node_id) filter (where was <> 'terkirim'), '{}'),
           coalesce(array_agg(node_id) filter (where was = 'diterima'), '{}'), coalesce(array_agg(node_id) filter (where overdue_at is not null), '{}')
    into v_codes, v_nodes, v_read, v_accepted, v_late
    from taken;
    update posko.directive
    set sent = sent - cardinality(v_nodes), unanswered = unanswered - cardinality(v_nodes), read = read - cardinality(v_read),
        accepted = accepted - cardinality(v_accepted), overdue = overdue - cardinality(v_late), version = o.version,
        state = case when unanswered = cardinality(v_nodes) then 'withdrawn' else 'withdrawing' end
    where id = p_directive;
    if v_base is not null and v_nodes <> '{}' then
        perform api.roll_up(o.id, o.version, null, array_agg(c.node_id), array_agg(v_base + c.slot), array_agg(-1))
        from (select unnest(v_nodes), 1 union all select unnest(v_nodes), 2 union all select unnest(v_read), 3 union all select unnest(v_accepted), 4
              union all select unnest(v_late), 7) as c(node_id, slot);
    end if;
    return v_codes;
end;
$$;
