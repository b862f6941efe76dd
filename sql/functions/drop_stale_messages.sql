-- Gives up what is no longer worth sending: a message while a later one of the same group waits for the same contact, or went; one that
-- nobody has taken for a day (no gateway for its channel, no worker); one whose last attempt took its sender down with it.
create function api.drop_stale_messages(p_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with stale as (
        select p.id, w.overtaken
        from posko.message p
        cross join lateral (
            select exists (select from posko.message l where l.notice_id = p.notice_id and l.contact_id = p.contact_id and l.telling > p.telling) as overtaken
        ) as w
        where p.state = 'pending' and (p.lease_until is null or p.lease_until <= p_at)
          and (w.overtaken or p.attempts = 0 and p.created_at < p_at - interval '1 day' or p.attempts >= api.attempts_limit())
        for update of p skip locked
    )
    update posko.message m
    set state = case when s.overtaken then 'dropped' else 'failed' end, lease_until = null, last_error = case
            when s.overtaken then 'a later message says more'
            when m.attempts = 0 then 'nobody sent it within a day: is there a worker with a gateway for ' || m.channel || '?'
            else coalesce(m.last_error, 'no attempt came to an end') end
    from stale s
    where m.id = s.id;
$$;
