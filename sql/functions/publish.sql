-- Writes events and a delivery of each to every endpoint that is for it, in the caller's transaction, which holds the operation's row.
-- Position i of every array is one event, in the order in which they happened. Keeps promise 9: an endpoint is told of what lies in its region, of
-- what is restricted only if it is cleared. p_endpoint: for that one alone, whatever it asked for and whether it is verified.
create function api.publish(o posko.operation, p_version bigint, p_types text[], p_nodes int[], p_keys text[], p_lanes text[], p_ats timestamptz[], p_datas jsonb[],
                            p_endpoint int default null) returns void
language plpgsql
set plan_cache_mode = force_custom_plan
as $$
declare
    at       timestamptz := posko.now();
    f_said   int[];   -- which event
    f_for    int[];   -- is for which endpoint
begin
    select array_agg(s.i order by s.i, e.id), array_agg(e.id order by s.i, e.id) into f_said, f_for
    from unnest(p_types, p_nodes) with ordinality as s(type, node_id, i)
    join posko.node n on n.id = s.node_id
    join posko.endpoint e on e.operation_id = coalesce(o.restricts, o.id) and e.removed_at is null
    where case when p_endpoint is null then e.state in ('active', 'paused') and api.wants(e.types, s.type) and (o.restricts is null or e.cleared)
                                            and api.covers(array[e.region_code], n.code)
               else e.id = p_endpoint end;
    if f_said is null then
        return;
    end if;
    perform from posko.endpoint e where e.id = any(f_for) order by e.id for no key update;
    with numbered as materialized (
        select s.i, nextval('posko.event_id_seq') as id from (select distinct i from unnest(f_said) as i order by i) s
    ), made as (
        insert into posko.event (id, operation_id, version, type, node_id, key, at, data)
        select m.id, o.id, p_version, p_types[m.i], p_nodes[m.i], p_keys[m.i], p_ats[m.i], p_datas[m.i] from numbered m order by m.i
    ), counted as (
        update posko.endpoint e set sequence = e.sequence + c.n
        from (select f as id, count(*) as n from unnest(f_for) as f group by f) c
        where e.id = c.id
        returning e.id, e.is_full, e.sequence - c.n as sequence
    ), sent as (
        insert into posko.delivery (endpoint_id, event_id, sequence, lane, key, state, why, since, ended_at)
        select c.id, m.id, c.sequence + row_number() over (partition by c.id order by m.i), p_lanes[m.i], p_keys[m.i],
               case when c.is_full then 'dead' else 'pending' end, case when c.is_full then 'too much waits for this endpoint' end, at, case when c.is_full then at end
        from unnest(f_said, f_for) as f(i, endpoint_id) join numbered m on m.i = f.i join counted c on c.id = f.endpoint_id
        returning endpoint_id, key, lane, state
    )
    -- The row of a key is locked even where it stands: who settles deliveries looks for what waits with that lock in hand.
    insert into posko.delivery_key (endpoint_id, key, lane, next_at)
    select distinct on (endpoint_id, key) endpoint_id, key, lane, at from sent where state = 'pending' order by endpoint_id, key
    on conflict (endpoint_id, key) do update set next_at = excluded.next_at where false;
end;
$$;
