-- Writes events and a delivery of each to every endpoint that is for it, in the caller's transaction, which holds the operation's row; in the order in
-- which they are given, null is none. Keeps promise 9: an endpoint is told of what lies in its region, of what is restricted only if it is cleared.
-- p_endpoint: for that one alone, whatever it asked for, whether it is verified, and how much waits.
-- One statement whose plan is kept: planning it anew cost a millisecond of every report that opens an incident.
create function api.publish(o posko.operation, p_version bigint, p_news posko.news[], p_endpoint int default null) returns void
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
declare
    v_now timestamptz := posko.now();
begin
    if p_news is null then
        return;
    end if;
    with told as materialized ( -- locked before it is asked what it is: one that is removed meanwhile gets nothing that would wait for ever
        select e.id, e.sequence, e.is_full and p_endpoint is null as is_full, e.types, e.region_code || '.' as region
        from posko.endpoint e
        where e.operation_id = coalesce(o.restricts, o.id) and e.removed_at is null
          and case when p_endpoint is null then e.state in ('active', 'paused') and (o.restricts is null or e.cleared) else e.id = p_endpoint end
        order by e.id for no key update
    ), news as materialized (
        select s.*, nextval('posko.event_id_seq') as id from unnest(p_news) with ordinality as s(type, node_id, key, lane, at, data, i)
        where (select count(*) from told) > 0 -- numbered with all their rows in hand: the ids of what is for one endpoint rise with its sequence
    ), pair as materialized (
        select w.id as endpoint_id, w.is_full, s.id, s.key, s.lane, w.sequence + row_number() over (partition by w.id order by s.i) as sequence
        from news s
        join posko.node n on n.id = s.node_id
        join told w on p_endpoint is not null or api.wants(w.types, s.type) and (w.region = 'ID.' or n.code || '.' ^@ w.region)
    ), made as (
        insert into posko.event (id, operation_id, version, type, node_id, key, at, data)
        select s.id, o.id, p_version, s.type, s.node_id, s.key, s.at, s.data from news s where s.id in (select p.id from pair p) order by s.i
    ), counted as (
        update posko.endpoint e set sequence = c.sequence
        from (select endpoint_id, max(sequence) as sequence from pair group by endpoint_id) c where e.id = c.endpoint_id
    ), sent as (
        insert into posko.delivery (endpoint_id, event_id, sequence, lane, key, state, why, since, ended_at)
        select endpoint_id, id, sequence, lane, key, case when is_full then 'dead' else 'pending' end,
               case when is_full then 'too much waits for this endpoint' end, v_now, case when is_full then v_now end
        from pair order by endpoint_id, id
        returning endpoint_id, key, lane, state
    )
    -- The row of a key is locked even where it stands: who settles deliveries looks for what waits with that lock in hand.
    insert into posko.delivery_key (endpoint_id, key, lane, next_at)
    select distinct on (endpoint_id, key) endpoint_id, key, lane, v_now from sent where state = 'pending' order by endpoint_id, key
    on conflict (endpoint_id, key) do update set next_at = excluded.next_at where false;
end;
$$;
