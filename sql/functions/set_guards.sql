-- The guards of a region, whole, with the TPS of each: who is on the list already keeps their check-ins, who is no longer is withdrawn. A guard
-- belongs to the lowest region that holds all their TPS, its home, and is known there by name; one who is not is taken for somebody of that name
-- whose home changed. Guards that reach beyond p_code stay. All or nothing.
-- The second wall: the seat is looked up here; a region beyond it answers as one that does not exist (PK405).
create function api.set_guards(p_operation int, p_account int, p_seat int, p_code text, p_guards json)
returns table (version bigint, standing int, withdrawn int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- The planner knows nothing of the list: with nested loops over the tables' indexes it is right whatever the list.
set enable_seqscan = off
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

    create temp table wanted_guard on commit drop as
    select row_number() over ()::int as k, w.name, w.institution, w.members, w.tps, w.username, w.phone, null::int as guard_id, null::int as home_id
    from json_to_recordset(p_guards) as w(name text, institution text, members smallint, tps text[], username text, phone text);
    create temp table wanted_post on commit drop as
    select w.k, c.code, n.id as node_id, n.path
    from pg_temp.wanted_guard w cross join lateral (select distinct code from unnest(w.tps) as code) c
    left join posko.node n on n.operation_id = p_operation and n.code = c.code and n.level = 6 and api.covers(array[p_code], n.code);
    create index on pg_temp.wanted_post (k, node_id);
    select p.code into v_lost from pg_temp.wanted_post p where p.node_id is null limit 1;
    if v_lost is not null then
        raise 'there is no TPS % at or below %', v_lost, p_code using errcode = 'PK405';
    end if;
    select w.username into v_lost from pg_temp.wanted_guard w
    where w.username is not null and not exists (select from api.guard_accounts(p_operation, p_code, array[w.username])) limit 1;
    if v_lost is not null then
        raise 'there is no account % here', v_lost using errcode = 'PK411';
    end if;
    update pg_temp.wanted_guard w
    set home_id = (select n.id from posko.node n
                   where n.id in (select unnest(p.path[:cardinality(p.path) - 1]) from pg_temp.wanted_post p where p.k = w.k)
                     and not exists (select from pg_temp.wanted_post p where p.k = w.k and not n.id = any(p.path))
                   order by n.level desc limit 1);
    -- Whoever has a TPS here is seen here; of others nothing is said.
    select w.name into v_lost
    from pg_temp.wanted_guard w join posko.guard g on g.operation_id = p_operation and lower(g.name) = lower(w.name) and g.withdrawn_at is null
    join posko.node n on n.id = g.node_id
    where not api.covers(array[p_code], n.code) and exists (
        select from posko.guard_post p join posko.node t on t.id = p.node_id where p.guard_id = g.id and p.withdrawn_at is null and api.covers(array[p_code], t.code))
    limit 1;
    if v_lost is not null then
        raise 'a guard called "%" guards TPS beyond % too: change them from above', v_lost, p_code using errcode = 'PK411';
    end if;
    update pg_temp.wanted_guard w set guard_id = g.id from posko.guard g where g.operation_id = p_operation and lower(g.name) = lower(w.name) and g.node_id = w.home_id and g.withdrawn_at is null;
    create index on pg_temp.wanted_guard (guard_id);
    update pg_temp.wanted_guard w set guard_id = g.id
    from (select x.k, lower(x.name) as name, row_number() over (partition by lower(x.name) order by x.k) as i from pg_temp.wanted_guard x where x.guard_id is null) x
    join (select g.id, lower(g.name) as name, row_number() over (partition by lower(g.name) order by g.id) as i
          from posko.guard g join posko.node n on n.id = g.node_id
          where g.operation_id = p_operation and g.withdrawn_at is null and api.covers(array[p_code], n.code)
            and not exists (select from pg_temp.wanted_guard y where y.guard_id = g.id)) g using (name, i)
    where w.k = x.k;

    with gone as (
        update posko.guard g set withdrawn_at = posko.now(), posts = 0, version = o.version + 1
        from posko.node n
        where n.id = g.node_id and g.operation_id = p_operation and g.withdrawn_at is null and api.covers(array[p_code], n.code)
          and not exists (select from pg_temp.wanted_guard w where w.guard_id = g.id)
        returning g.id
    )
    select array_agg(g.id) into v_gone from gone g;
    -- What was guarded by anybody on the list or no longer on it, and what will be: there the counts may change.
    select array_agg(distinct c.node_id) into v_nodes
    from (select p.node_id from posko.guard_post p where p.withdrawn_at is null and p.guard_id = any(v_gone || array(select guard_id from pg_temp.wanted_guard where guard_id is not null))
          union all
          select p.node_id from pg_temp.wanted_post p) c;

    update pg_temp.wanted_guard set guard_id = -nextval('posko.guard_id_seq') where guard_id is null;
    with listed as materialized (
        select abs(w.guard_id) as id, w.guard_id > 0 as is_known, w.home_id as node_id, w.name, w.institution, w.members,
               (select count(*) from pg_temp.wanted_post p where p.k = w.k)::smallint as posts,
               (select a.id from posko.account a where a.username = w.username) as account_id, w.phone
        from pg_temp.wanted_guard w
    ), kept as (
        update posko.guard g set node_id = l.node_id, name = l.name, institution = l.institution, members = l.members, posts = l.posts, account_id = l.account_id,
                                 phone = l.phone, version = o.version + 1
        from listed l where l.is_known and g.id = l.id
    )
    insert into posko.guard (id, operation_id, node_id, name, institution, members, posts, account_id, phone, version)
    overriding system value
    select l.id, p_operation, l.node_id, l.name, l.institution, l.members, l.posts, l.account_id, l.phone, o.version + 1 from listed l where not l.is_known;
    update pg_temp.wanted_guard set guard_id = abs(guard_id) where guard_id < 0;

    update posko.guard_post p set withdrawn_at = posko.now()
    where p.withdrawn_at is null and (p.guard_id = any(v_gone) or exists (
              select from pg_temp.wanted_guard w where w.guard_id = p.guard_id and not exists (
                  select from pg_temp.wanted_post x where x.k = w.k and x.node_id = p.node_id)));
    insert into posko.guard_post as p (guard_id, node_id)
    select w.guard_id, x.node_id from pg_temp.wanted_guard w join pg_temp.wanted_post x on x.k = w.k
    on conflict (guard_id, node_id) do update set withdrawn_at = null where p.withdrawn_at is not null;

    update posko.operation set version = version + 1 where id = p_operation;
    perform api.roll_up_ready(p_operation, o.version + 1, v_nodes);
    return query
    select o.version + 1, (select count(*)::int from pg_temp.wanted_guard), coalesce(cardinality(v_gone), 0),
           array(select n.code from posko.node n where n.id = any(v_nodes));
    drop table pg_temp.wanted_guard, pg_temp.wanted_post;
end;
$$;
