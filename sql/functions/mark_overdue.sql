-- Marks open incidents whose hour has passed - to be accepted, then to be resolved - and counts them as overdue. No row: there were none.
create function api.mark_overdue(p_operation int, p_limit int) returns table (version bigint, marked int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o        posko.operation;
    at       timestamptz;
    v_base   int;
    v_marked posko.incident[];
begin
    select * into o from posko.operation where id = p_operation;
    at := api.clock(o); -- a volatile call in the conditions would read all that is not due yet
    if o.state is distinct from 'active' or not exists (
            select from posko.incident i
            where i.operation_id = p_operation and i.overdue_at is null and i.status in ('baru', 'diterima', 'ditangani', 'dibuka_kembali')
              and (case when i.acknowledged_at is null then i.acknowledge_by else i.resolve_by end) <= at) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    if o.id is null then
        return; -- closed while this waited for the row
    end if;
    at := api.clock(o);
    select s.base into v_base from posko.subject s where s.operation_id = p_operation and s.kind = 'case';
    with late as (
        select i.id from posko.incident i
        where i.operation_id = p_operation and i.overdue_at is null and i.status in ('baru', 'diterima', 'ditangani', 'dibuka_kembali')
          and (case when i.acknowledged_at is null then i.acknowledge_by else i.resolve_by end) <= at
        limit p_limit for update skip locked
    ), marked as (
        update posko.incident i set overdue_at = at, entries = entries + 1, version = o.version + 1, changed_at = greatest(i.changed_at, at)
        from late l where i.id = l.id
        returning i.*
    ), logged as (
        insert into posko.incident_entry (incident_id, seq, at, account_id, channel, action, from_status, to_status, details, version)
        select m.id, m.entries, m.changed_at, null, 'posko', 'overdue', m.status, m.status,
               json_build_object('due', case when m.acknowledged_at is null then 'acknowledgement' else 'resolution' end), o.version + 1 from marked m
    )
    select array_agg(row(m.*)::posko.incident) into v_marked from marked m;
    if v_marked is null then
        return;
    end if;
    update posko.operation set version = version + 1 where id = p_operation;
    if v_base is not null then
        perform api.roll_up(p_operation, o.version + 1, null, array_agg(m.node_id), array_agg(v_base + 25), array_agg(1)) from unnest(v_marked) as m;
    end if;
    perform api.publish_incidents(o, o.version + 1);
    return query select o.version + 1, cardinality(v_marked), array(select distinct m.place from unnest(v_marked) as m);
end;
$$;
