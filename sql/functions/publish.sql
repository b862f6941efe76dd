-- Writes events and a delivery of each to every endpoint that is for it, in the caller's transaction, which holds the operation's row.
-- Position i of every array is one event, in the order in which they happened. Keeps promise 9: an endpoint is told of what lies in its region, of
-- what is restricted only if it is cleared. p_endpoint: for that one alone, whatever it asked for, whether it is verified, and how much waits.
-- One statement whose plan is kept: planning it anew cost a millisecond of every report that opens an incident.
create function api.publish(o posko.operation, p_version bigint, p_types text[], p_nodes int[], p_keys text[], p_lanes text[], p_ats timestamptz[], p_datas jsonb[],
                            p_endpoint int default null) returns void
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
declare
    at    timestamptz := posko.now();
    v_ids bigint[] := array(select nextval('posko.event_id_seq') from generate_series(1, cardinality(p_types)));
begin
    with told as materialized ( -- locked before it is asked what it is: one that is removed meanwhile gets nothing that would wait for ever
        select e.id, e.sequence, e.is_full and p_endpoint is null as is_full, e.types, e.region_code || '.' as region
        from posko.endpoint e
        where e.operation_id = coalesce(o.restricts, o.id) and e.removed_at is null
          and case when p_endpoint is null then e.state in ('active', 'paused') and (o.restricts is null or e.cleared) else e.id = p_endpoint end
        order by e.id for no key update
    ), pair as materialized (
        select w.id, w.is_full, s.i, w.sequence + row_number() over (partition by w.id order by s.i) as sequence
        from unnest(p_types, p_nodes) with ordinality as s(type, node_id, i)
        join posko.node n on n.id = s.node_id
        join told w on p_endpoint is not null or api.wants(w.types, s.type) and (w.region = 'ID.' or n.code || '.' ^@ w.region)
    ), made as (
        insert into posko.event (id, operation_id, version, type, node_id, key, at, data)
        select v_ids[i], o.id, p_version, p_types[i], p_nodes[i], p_keys[i], p_ats[i], p_datas[i] from (select distinct i from pair) s order by i
    ), counted as (
        update posko.endpoint e set sequence = c.sequence from (select id, max(sequence) as sequence from pair group by id) c where e.id = c.id
    ), sent as (
        insert into posko.delivery (endpoint_id, event_id, sequence, lane, key, state, why, since, ended_at)
        select id, v_ids[i], sequence, p_lanes[i], p_keys[i],
               case when is_full then 'dead' else 'pending' end, case when is_full then 'too much waits for this endpoint' end, at, case when is_full then at end
        from pair order by id, i
        returning endpoint_id, key, lane, state
    )
    -- The row of a key is locked even where it stands: who settles deliveries looks for what waits with that lock in hand.
    insert into posko.delivery_key (endpoint_id, key, lane, next_at)
    select distinct on (endpoint_id, key) endpoint_id, key, lane, at from sent where state = 'pending' order by endpoint_id, key
    on conflict (endpoint_id, key) do update set next_at = excluded.next_at where false;
end;
$$;
