-- Marks who has not answered a directive whose deadline has passed, the longest due first, p_limit targets at most, and lets that climb: once for each desk
-- above them, not once for each of them. Keeps promise 7: any worker may call this, and die in it, at any instant. No row: nobody was late.
create function api.mark_late_directives(p_operation int, p_limit int) returns table (version bigint, marked int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o        posko.operation;
    d        posko.directive;
    at       timestamptz;
    v_base   int;
    v_nodes  int[];
    v_places text[];
    v_desks  int[];
begin
    select * into o from posko.operation where id = p_operation;
    at := api.clock(o); -- a volatile call in the conditions would read all that is not due yet
    if o.state is distinct from 'active' or not exists (
            select from posko.directive where operation_id = p_operation and late_at is null and withdrawn_at is null and due_at <= at) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    at := api.clock(o);
    for d in
        select * from posko.directive where operation_id = o.id and late_at is null and withdrawn_at is null and due_at <= at order by due_at, number
    loop
        with chosen as (
            select t.node_id from posko.directive_target t
            where t.directive_id = d.id and t.is_open and t.overdue_at is null order by t.place limit p_limit
        ), late as (
            update posko.directive_target t set overdue_at = at, version = o.version + 1
            from chosen w where t.node_id = w.node_id and t.directive_id = d.id
            returning t.node_id, t.place, t.desk_id
        )
        select array_agg(node_id), array_agg(place), array_agg(desk_id) into v_nodes, v_places, v_desks from late;
        if d.state = 'sent' and coalesce(cardinality(v_nodes), 0) < p_limit then
            update posko.directive set late_at = at where id = d.id;
        end if;
        exit when v_nodes is not null;
    end loop;
    if v_nodes is null then
        return;
    end if;
    update posko.operation set version = version + 1 where id = o.id returning * into o;
    update posko.directive set overdue = overdue + cardinality(v_nodes), version = o.version where id = d.id;
    select s.base into v_base from posko.subject s where s.operation_id = o.id and s.kind = 'directive';
    if v_base is not null then
        perform api.roll_up(o.id, o.version, null, v_nodes, array_fill(v_base + 7, array[cardinality(v_nodes)]), array_fill(1, array[cardinality(v_nodes)]));
    end if;
    perform api.climb_directive(o, d, at, v_desks);
    perform api.publish_late(o, o.version, 'directive.overdue', array(select l.id from posko.directive_late l where l.directive_id = d.id and l.version = o.version), null);
    return query select o.version, cardinality(v_nodes), v_places;
end;
$$;
