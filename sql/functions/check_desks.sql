-- Alarms of desks: whoever is on duty has not tapped hadir for too long; a nihil is due and neither it nor an incident came. They close when
-- the desk does what it owes (or owes it no more, or nobody is on duty there any more). No row: nothing has changed.
create function api.check_desks(p_operation int) returns table (version bigint, changed int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o        posko.operation;
    at       timestamptz;
    v_opened posko.alarm[];
    v_closed posko.alarm[];
    v_absent int[];
begin
    select * into o from posko.operation where id = p_operation and state = 'active' and restricts is null;
    at := api.clock(o); -- a volatile call in the conditions would read all that is not due yet
    -- Desks with a piket of whom nobody has shown himself; a shift is of the wall clock, whatever a drill's is.
    select coalesce(array_agg(n.id), '{}') into v_absent
    from (select s.region_code from posko.shift s where s.operation_id = p_operation and s.ended_at is null
          group by s.region_code having max(coalesce(s.present_at, s.began_at)) + o.present_every < posko.now()) d
    join posko.node n on n.operation_id = p_operation and n.code = d.region_code;
    if o.id is null or not (
            exists (select from posko.duty where operation_id = p_operation and due_at <= at)
            or exists (select from posko.alarm where operation_id = p_operation and closed_at is null and kind = 'nihil')
            or array(select node_id from posko.alarm where operation_id = p_operation and closed_at is null and kind = 'hadir' order by 1)
                <> array(select unnest(v_absent) order by 1)) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    at := api.clock(o);
    with due as (
        select d.node_id, d.since, d.due_at from posko.duty d
        where d.operation_id = p_operation and d.due_at <= at
        order by d.due_at limit 500 for update skip locked
    ), moved as ( -- as many periods on as have passed
        update posko.duty d set since = d.due_at + d.every * (ceil(extract(epoch from at - d.due_at) / extract(epoch from d.every) + 0.000001) - 1),
                                due_at = d.due_at + d.every * ceil(extract(epoch from at - d.due_at) / extract(epoch from d.every) + 0.000001)
        from due u where u.node_id = d.node_id
        returning d.node_id
    ), owed as (
        select u.node_id, 'nihil' as kind from due u join moved using (node_id) where not api.has_spoken(p_operation, u.node_id, u.since)
        union all
        select a.node_id, 'hadir' from unnest(v_absent) as a(node_id)
    ), opened as (
        insert into posko.alarm (operation_id, node_id, kind, missing, expected, peak, opened_at, version)
        select p_operation, w.node_id, w.kind, 1, 1, 1, at, o.version + 1 from owed w
        on conflict do nothing
        returning *
    )
    select array_agg(row(w.*)::posko.alarm) into v_opened from opened w;
    with over as (
        update posko.alarm a set closed_at = greatest(at, a.opened_at), missing = 0, version = o.version + 1
        where a.operation_id = p_operation and a.closed_at is null
          and (a.kind = 'hadir' and not a.node_id = any(v_absent)
               or a.kind = 'nihil' and (api.has_spoken(p_operation, a.node_id, a.opened_at)
                                        or not exists (select from posko.duty d where d.node_id = a.node_id)))
        returning a.*
    )
    select array_agg(row(c.*)::posko.alarm) into v_closed from over c;
    if v_opened is null and v_closed is null then
        return;
    end if;
    update posko.operation set version = version + 1 where id = p_operation;
    if v_opened is not null then
        perform api.start_alarms(o, o.version + 1, at, v_opened);
    end if;
    if v_closed is not null then
        perform api.end_alarms(o, o.version + 1, v_closed);
    end if;
    return query
    select o.version + 1, coalesce(cardinality(v_opened), 0) + coalesce(cardinality(v_closed), 0),
           array(select n.code from unnest(v_opened || v_closed) as w join posko.node n on n.id = w.node_id);
end;
$$;
