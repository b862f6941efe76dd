-- Attempts at an endpoint that a seat keeps or kept, the last first, of one event or all; keyset by (at, event, number): several may begin in the same moment.
-- p_before_key is the event's own number. Answers are for admins alone, who keep endpoints;
-- of what it was told while it was for more than it is now, only what the seat itself keeps endpoints for. Keeps promise 9.
create function api.attempts_page(p_account int, p_seat int, p_endpoint int, p_event uuid, p_failed boolean, p_before timestamptz, p_before_key bigint,
                                  p_before_number int, p_limit int)
returns table (key bigint, event uuid, type text, number int, at timestamptz, ms int, status int, error text, address text, answer text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.event_id, v.uid, v.type, t.number::int, t.at, t.ms, t.status::int, t.error, t.address, t.answer
    from posko.endpoint e
    join posko.operation o on o.id = e.operation_id
    join posko.attempt t on t.endpoint_id = e.id
    join posko.event v on v.id = t.event_id
    join posko.node n on n.id = v.node_id
    join posko.operation vo on vo.id = v.operation_id
    where e.id = p_endpoint and api.keeps_endpoints(p_account, p_seat, o, e.region_code, e.cleared)
      and (p_event is null or v.uid = p_event) and (not p_failed or t.status is null or t.status not between 200 and 299)
      and (p_before is null or t.at <= p_before and (t.at, t.event_id, t.number) < (p_before, p_before_key, p_before_number))
      and (api.covers(array[e.region_code], n.code) and (vo.restricts is null or e.cleared)
           or api.keeps_endpoints(p_account, p_seat, vo, n.code, vo.restricts is not null))
    order by t.at desc, t.event_id desc, t.number desc
    limit p_limit;
$$;
