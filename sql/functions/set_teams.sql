-- The teams of the poskos at and below a region, whole: who is on the list already keeps its briefing and presence, who is no longer is withdrawn.
-- All or nothing. The second wall: the seat is looked up here; a region beyond it answers as one that does not exist (PK405).
create function api.set_teams(p_operation int, p_account int, p_seat int, p_code text, p_teams json)
returns table (version bigint, standing int, withdrawn int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o       posko.operation;
    v_lost  text;
    v_gone  int[];
    v_nodes int[];
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    if o.id is null or api.seat_level(p_account, p_seat, array['supervisor', 'admin', 'system'], o, p_code) is null
       or not exists (select from posko.node n where n.operation_id = p_operation and n.code = p_code and n.level < 6) then
        raise 'there is no region % here', p_code using errcode = 'PK405';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    end if;
    create temp table wanted_team on commit drop as
    select n.id as node_id, w.place, w.name, w.members, w.institution
    from json_to_recordset(p_teams) as w(place text, name text, members smallint, institution text)
    left join posko.node n on n.operation_id = p_operation and n.code = w.place and n.level < 6 and api.covers(array[p_code], n.code);
    select w.place into v_lost from pg_temp.wanted_team w where w.node_id is null limit 1;
    if v_lost is not null then
        raise 'there is no region % at or below %', v_lost, p_code using errcode = 'PK405';
    end if;

    with gone as (
        update posko.team t set withdrawn_at = posko.now(), version = o.version + 1
        from posko.node n
        where n.id = t.node_id and t.operation_id = p_operation and t.withdrawn_at is null and api.covers(array[p_code], n.code)
          and not exists (select from pg_temp.wanted_team w where w.node_id = t.node_id and lower(w.name) = lower(t.name))
        returning t.node_id
    )
    select array_agg(g.node_id) into v_gone from gone g;
    with changed as (
        update posko.team t set name = w.name, members = w.members, institution = w.institution, version = o.version + 1
        from pg_temp.wanted_team w
        where t.node_id = w.node_id and lower(t.name) = lower(w.name) and t.withdrawn_at is null
          and (t.name, t.members, t.institution) is distinct from (w.name, w.members, w.institution)
        returning t.node_id
    ), made as (
        insert into posko.team (operation_id, node_id, name, members, institution, version)
        select p_operation, w.node_id, w.name, w.members, w.institution, o.version + 1
        from pg_temp.wanted_team w
        where not exists (select from posko.team t where t.node_id = w.node_id and lower(t.name) = lower(w.name) and t.withdrawn_at is null)
        returning node_id
    )
    select array_agg(distinct c.node_id) into v_nodes
    from (select node_id from changed union all select node_id from made union all select unnest(v_gone)) c;
    update posko.operation set version = version + 1 where id = p_operation;
    perform api.roll_up_ready(p_operation, o.version + 1, v_nodes);
    return query
    select o.version + 1, (select count(*)::int from pg_temp.wanted_team), coalesce(cardinality(v_gone), 0),
           array(select n.code from posko.node n where n.id = any(v_nodes));
    drop table pg_temp.wanted_team;
end;
$$;
