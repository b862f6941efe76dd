-- How attempts went, position i of every array one: 'delivered', 'retry' after so many seconds ('again' where that is our own fault), 'parked' until somebody looks, 'dead', 'gone' (the endpoint wants
-- no more at all). Answers 'held', 'lost' (somebody else has the lease: their word counts), 'failing' or 'recovered' when the endpoint turned just now.
-- Five failures in a row (refusals too) open the breaker: nothing is tried for a second, then twice as long up to half a minute, one delivery each time; waiting is no
-- attempt. p_pause_s: the endpoint asked to be left alone for so long. p_is_last: nothing more is under way, so that the lease ends if nothing is due
-- ('ended'): one question less, and one more answer less, for each of hundreds that are told of one event.
create function api.settle_deliveries(p_endpoint int, p_lane text, p_fence int, p_events bigint[], p_outcomes text[], p_delays_s float8[], p_ats timestamptz[], p_ms int[],
                                      p_statuses int[], p_errors text[], p_addresses text[], p_answers text[], p_pause_s float8,
                                      p_is_last boolean default false) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    now    timestamptz := posko.now();
    e      posko.endpoint;
    l      posko.endpoint_lane;
    v_keys text[];
    v_turned text;
    v_ends   boolean;
    v_good boolean := 'delivered' = any(p_outcomes);
    v_bad  int := (select count(*) from unnest(p_outcomes) as x(outcome) where x.outcome in ('retry', 'parked'));
begin
    select * into l from posko.endpoint_lane where endpoint_id = p_endpoint and lane = p_lane and fence = p_fence for no key update;
    if l.endpoint_id is null then
        return 'lost';
    end if;
    v_keys := array(select distinct d.key from posko.delivery d where d.endpoint_id = p_endpoint and d.event_id = any(p_events) order by 1);
    -- Whoever changes an endpoint has its row before those of its keys.
    if 'challenge' = any(v_keys) or 'gone' = any(p_outcomes) then
        perform from posko.endpoint where id = p_endpoint for no key update;
    end if;
    perform from posko.delivery_key k where k.endpoint_id = p_endpoint and k.key = any(v_keys) order by k.key for update;
    with said as (
        select * from unnest(p_events, p_outcomes, p_delays_s, p_ats, p_ms, p_statuses, p_errors, p_addresses, p_answers)
                      as s(event_id, outcome, delay_s, at, ms, status, error, address, answer)
    ), settled as (
        update posko.delivery d
        set attempts = d.attempts + 1, failures = d.failures + (s.outcome not in ('delivered', 'again'))::int,
            state = case when d.state <> 'pending' then d.state when s.outcome in ('delivered', 'parked', 'dead') then s.outcome else 'pending' end,
            why = case when d.state = 'pending' and s.outcome = 'dead' then 'refused' else d.why end,
            ended_at = case when d.state = 'pending' and s.outcome in ('delivered', 'dead') then now else d.ended_at end
        from said s where d.endpoint_id = p_endpoint and d.event_id = s.event_id
        returning d.event_id, d.attempts
    )
    insert into posko.attempt (endpoint_id, event_id, number, at, ms, status, error, address, answer)
    select p_endpoint, t.event_id, t.attempts, s.at, s.ms, s.status, s.error, s.address, s.answer
    from settled t join said s on s.event_id = t.event_id;
    perform api.advance_keys(p_endpoint, v_keys, now);
    update posko.delivery_key k set next_at = now + make_interval(secs => s.delay_s)
    from unnest(p_events, p_outcomes, p_delays_s) as s(event_id, outcome, delay_s)
    join posko.delivery d on d.endpoint_id = p_endpoint and d.event_id = s.event_id
    where k.endpoint_id = p_endpoint and k.key = d.key and s.outcome in ('retry', 'again', 'gone') and d.state = 'pending';

    l.failures := case when v_good then 0 else l.failures + v_bad end;
    l.trips := case when v_good then 0 when v_bad > 0 and l.failures >= 5 then least(l.trips + 1, 10) else l.trips end;
    l.open_at := greatest(case when v_bad > 0 and l.trips > 0 then now + make_interval(secs => least(30, 2 ^ (l.trips - 1))) else l.open_at end,
                          now + make_interval(secs => coalesce(p_pause_s, 0)));
    select * into e from posko.endpoint where id = p_endpoint;
    if 'gone' = any(p_outcomes) and e.state = 'active' then
        update posko.endpoint set state = 'disabled', state_why = 'it answered 410: gone' where id = p_endpoint;
    elsif e.state = 'unverified' and exists (select from posko.delivery d where d.endpoint_id = p_endpoint and d.event_id = any(p_events) and d.key = 'challenge'
                                                                          and d.state = 'delivered' and d.ended_at = now) then
        update posko.endpoint set state = 'active', state_why = null, verified_at = now where id = p_endpoint and state = 'unverified';
    elsif e.state = 'unverified' then
        update posko.endpoint set state_why = 'it did not give the challenge back' where id = p_endpoint and state = 'unverified';
    end if;
    -- Each turn is an alarm, and is told to every endpoint, itself among them: one that flaps on purpose would need nothing else to go on for ever.
    v_turned := case when e.failing_since is null and ('gone' = any(p_outcomes) or l.trips > 0 and coalesce(e.answered_at <= now - interval '1 minute', true)) then 'failing'
                     when v_good and e.failing_since is not null then 'recovered' end;
    v_ends := p_is_last and v_turned is null
        and (l.open_at > now or not exists (select from posko.delivery_key k where k.endpoint_id = p_endpoint and k.lane = p_lane and k.next_at <= now));
    update posko.endpoint_lane
    set failures = l.failures, trips = l.trips, open_at = l.open_at, lease_until = case when v_ends then now else lease_until end, fence = l.fence + v_ends::int
    where endpoint_id = p_endpoint and lane = p_lane;
    return coalesce(v_turned, case when v_ends then 'ended' else 'held' end);
end;
$$;
