-- Sends again, in their order and under the ids that they had: these events, or those of a stretch of time, all or only what was not delivered. What
-- waits is left as it is. Moments are by the operation's clock, as those of events are. At most p_limit, the oldest first; answers how many.
create function api.replay_deliveries(p_account int, p_seat int, p_endpoint int, p_events uuid[], p_since timestamptz, p_until timestamptz, p_failed boolean, p_limit int)
returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    e  posko.endpoint := api.kept_endpoint(p_account, p_seat, p_endpoint);
    at timestamptz := posko.now();
    v_events bigint[];
begin
    if exists (select from unnest(p_events) as x(uid) where not exists (
            select from posko.event v join posko.delivery d on d.endpoint_id = e.id and d.event_id = v.id where v.uid = x.uid)) then
        raise 'not all of these events were for endpoint %', e.id using errcode = 'PK406', detail = '$.events', hint = 'delivery';
    end if;
    v_events := array(
        select d.event_id
        from posko.delivery d join posko.event v on v.id = d.event_id
        where d.endpoint_id = e.id and d.state <> 'pending' and v.type <> 'endpoint.challenge'
          and (p_events is null or v.uid = any(p_events)) and (p_since is null or v.at >= p_since) and (p_until is null or v.at < p_until)
          and (not p_failed or d.state <> 'delivered')
        order by d.event_id limit p_limit);
    insert into posko.delivery_key (endpoint_id, key, lane, next_at)
    select distinct on (d.key) e.id, d.key, d.lane, at from posko.delivery d where d.endpoint_id = e.id and d.event_id = any(v_events) order by d.key
    on conflict (endpoint_id, key) do update set next_at = at;
    update posko.delivery set state = 'pending', why = null, failures = 0, is_replayed = true, since = at, ended_at = null
    where endpoint_id = e.id and event_id = any(v_events);
    return cardinality(v_events);
end;
$$;
