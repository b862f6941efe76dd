-- How an attempt went: 'sent', 'refused' for good, or 'later'. Answers the state that the message is in now; null when the lease was
-- lost meanwhile and somebody else has taken it: then their word counts.
create function api.settle_message(p_id uuid, p_fence int, p_outcome text, p_error text) returns text
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update posko.message m
    set state = case when p_outcome = 'sent' then 'sent' when p_outcome = 'refused' or m.attempts >= api.attempts_limit() then 'failed' else 'pending' end,
        sent_at = case when p_outcome = 'sent' then posko.now() end,
        lease_until = null, last_error = case when p_outcome <> 'sent' then api.one_line(p_error) end,
        next_at = case when p_outcome = 'later' then posko.now() + api.retry_after(m.attempts) else m.next_at end
    where m.id = p_id and m.fence = p_fence and m.state = 'pending'
    returning m.state;
$$;
