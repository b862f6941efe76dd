-- Gives up what waits in a key of an endpoint, or in all (null), and says why. What is under way comes to nothing. The caller has the row of the endpoint.
create function api.drop_deliveries(p_endpoint int, p_key text, p_why text) returns void
language plpgsql
as $$
begin
    perform from posko.delivery_key k where k.endpoint_id = p_endpoint and (p_key is null or k.key = p_key) order by k.key for update;
    update posko.delivery d set state = 'dropped', why = p_why, ended_at = posko.now()
    where d.endpoint_id = p_endpoint and (p_key is null or d.key = p_key) and d.state in ('pending', 'parked');
    delete from posko.delivery_key k where k.endpoint_id = p_endpoint and (p_key is null or k.key = p_key);
end;
$$;
